"""Causal language models of a few kilobytes with random weights, and the specs that name them."""

from pathlib import Path

from core.catalog import ModelSpec
from core.types import Tier

TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|user|>", "<|system|>", "<|assistant|>"]


def writer_spec(**more: object) -> ModelSpec:
    return ModelSpec(
        **{
            "model_id": "tiny-writer",
            "roles": ("writer",),
            "task": "text-generation",
            "tier": Tier.STARTER,
            "license": "MIT",
            "size_mb": 1,
            "languages": ("en", "zh"),
            "title": "Tiny writer",
            "folder": "tiny-writer",
        }
        | more
    )


def write_writer(folder: Path, *, family: str = "llama", template: str | None = TEMPLATE, **config) -> Path:
    """A byte-level tokenizer and a model of two layers of 32; seeded, so that it is the same each time."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

    tokenizer = byte_tokenizer()
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    kinds = {"llama": (LlamaConfig, LlamaForCausalLM), "qwen3": (Qwen3Config, Qwen3ForCausalLM)}
    make_config, make_model = kinds[family]
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 512,
        "eos_token_id": tokenizer.convert_tokens_to_ids("<|end|>"),
        "initializer_range": 0.5,  # far apart, so that a rounding never decides which token is likeliest
        "tie_word_embeddings": True,
    }
    torch.manual_seed(7)
    make_model(make_config(**sizes | config)).save_pretrained(folder)
    return folder


def byte_tokenizer():
    """A token for each byte: every text of any language can be written, and cut in the middle of a character."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=SPECIAL[0], additional_special_tokens=SPECIAL[1:]
    )
