"""Model repositories of a few kilobytes, and specs that name them."""

import json
import random
import struct
from pathlib import Path

from core.catalog import ModelSpec
from core.types import Tier

WEIGHTS_BYTES = 600_000


def spec_of(repo_id: str = "org/tiny", **more) -> ModelSpec:
    return ModelSpec(
        model_id="tiny",
        roles=("embedder",),
        task="embedding",
        tier=Tier.HUB,
        license="MIT",
        size_mb=1,
        languages=("en",),
        title="Tiny",
        repo_id=repo_id,
        **more,
    )


def write_repository(folder: Path) -> None:
    """A repository with the shape of a model's and random weights; nothing loads it."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0"}))
    write_safetensors(folder / "model.safetensors")
    (folder / "pytorch_model.bin").write_bytes(b"the same weights again")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"and again")


def write_safetensors(path: Path, size: int = WEIGHTS_BYTES) -> None:
    header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + random.Random(7).randbytes(size))


def write_sentence_encoder(folder: Path) -> None:
    """A sentence encoder with random weights: two layers of 32, seven words."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    plain = folder.parent.parent.parent / "bert"
    plain.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "hub"]
    (plain / "vocab.txt").write_text("\n".join(words))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(str(plain / "vocab.txt")).save_pretrained(plain)
    encoder = Transformer(str(plain))
    modules = [encoder, Pooling(32)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder), create_model_card=False)
