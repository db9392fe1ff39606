"""The writer's network, and how it is stored."""

from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training._writer_tokenizer import END, MAX_LENGTH, PAD


def new_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A fresh network of about 6 M weights; the word table is read and written with the same matrix."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=MAX_LENGTH,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.convert_tokens_to_ids(PAD),
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        # The fused attention has a slow backward pass on CPUs.
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config)


def export(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write what AutoModelForCausalLM and AutoTokenizer read, weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=0.7,
        top_p=0.95,
        max_new_tokens=300,
        pad_token_id=model.config.pad_token_id,
        eos_token_id=model.config.eos_token_id,
    )
    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
