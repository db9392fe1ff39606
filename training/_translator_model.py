"""The translator: a Bart whose layers begin as those of starter-bilingual, and how it is written to a folder."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BartConfig,
    BartForConditionalGeneration,
    BertModel,
    PreTrainedTokenizerFast,
)

from training._bilingual_model import _compact
from training._translator_tokenizer import BYTES, END, MASKS, PAD, SPECIAL, START, TAGS

ENCODER_LAYERS = 5
DECODER_FROM = (0, 2, 4)  # the encoder layers that the decoder's begin as
MAX_LENGTH = 128
SPREAD = 0.3  # noise on a piece's first embedding, in its own deviations: "The" and "the" must part
SMALL_FLOAT = torch.float8_e4m3fn
KEPT_IN_HALF = ("bias", "norm.weight", "layernorm_embedding.weight", "embed_positions.weight")
_LAYER = {
    "attention.self.query": "self_attn.q_proj",
    "attention.self.key": "self_attn.k_proj",
    "attention.self.value": "self_attn.v_proj",
    "attention.output.dense": "self_attn.out_proj",
    "attention.output.LayerNorm": "self_attn_layer_norm",
    "intermediate.dense": "fc1",
    "output.dense": "fc2",
    "output.LayerNorm": "final_layer_norm",
}


def new_translator(tokenizer: PreTrainedTokenizerFast, student: Path | None) -> BartForConditionalGeneration:
    """A translator with the layers, positions and words of the embedder in `student`; random without one."""
    ids = {name: SPECIAL.index(name) for name in SPECIAL}
    config = BartConfig(
        vocab_size=len(tokenizer), d_model=384, max_position_embeddings=MAX_LENGTH,
        encoder_layers=ENCODER_LAYERS, decoder_layers=len(DECODER_FROM),
        encoder_attention_heads=12, decoder_attention_heads=12, encoder_ffn_dim=1536, decoder_ffn_dim=1536,
        dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, activation_function="gelu",
        pad_token_id=ids[PAD], bos_token_id=ids[START], eos_token_id=ids[END],
        decoder_start_token_id=ids[START], forced_eos_token_id=None,
    )  # fmt: skip
    model = BartForConditionalGeneration(config)
    if student:
        _begin_as(model, tokenizer, student)
    return model


def _begin_as(model: BartForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    bert = BertModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    old, weights = bert.state_dict(), model.state_dict()
    places = [("encoder", i, i) for i in range(ENCODER_LAYERS)]
    places += [("decoder", i, layer) for i, layer in enumerate(DECODER_FROM)]
    for part, i, layer in places:
        for theirs, ours in _LAYER.items():
            for kind in ("weight", "bias"):
                weights[f"model.{part}.layers.{i}.{ours}.{kind}"] = old[
                    f"encoder.layer.{layer}.{theirs}.{kind}"
                ]
    for part in ("encoder", "decoder"):
        for kind in ("weight", "bias"):
            weights[f"model.{part}.layernorm_embedding.{kind}"] = old[f"embeddings.LayerNorm.{kind}"]
        positions = (
            old["embeddings.position_embeddings.weight"] + old["embeddings.token_type_embeddings.weight"][0]
        )
        weights[f"model.{part}.embed_positions.weight"][2:] = positions[:MAX_LENGTH]
    words = _words(tokenizer, AutoTokenizer.from_pretrained(folder), old["embeddings.word_embeddings.weight"])
    for name in ("model.shared", "model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head"):
        weights[f"{name}.weight"] = words
    model.load_state_dict(weights)


def _words(ours: PreTrainedTokenizerFast, theirs: PreTrainedTokenizerFast, old: Tensor) -> Tensor:
    """Each cased piece begins near the mean of the embedder's pieces of it in lower case."""
    generator = torch.Generator().manual_seed(20)
    like = {START: "[CLS]", END: "[SEP]", PAD: "[PAD]", **dict.fromkeys(TAGS.values(), "[CLS]")}
    table = old.mean(0).repeat(len(ours), 1)
    for piece, i in ours.get_vocab().items():
        if piece in like:
            table[i] = old[theirs.convert_tokens_to_ids(like[piece])]
        elif piece not in (*SPECIAL, *MASKS, *BYTES):
            ids = _their_ids(piece.lower(), theirs)
            if ids:
                table[i] = old[ids].mean(0)
    noise = torch.randn(table.shape, generator=generator) * old.std() * SPREAD
    return table + noise


def _their_ids(piece: str, theirs: PreTrainedTokenizerFast) -> list[int]:
    whole = theirs.convert_tokens_to_ids(piece)
    if whole is not None and whole != theirs.unk_token_id:
        return [whole]
    ids = theirs(piece.replace("▁", " "), add_special_tokens=False).input_ids
    return [i for i in ids if i != theirs.unk_token_id]


def small(name: str, weight: Tensor) -> Tensor:
    """The weight as it is stored: float8 for the large matrices, float16 for the rest."""
    kept = name.endswith(KEPT_IN_HALF)
    return weight.detach().to(torch.float16 if kept else SMALL_FLOAT).contiguous().clone()


def export(model: BartForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Write a folder that AutoModelForSeq2SeqLM and AutoTokenizer load; weight matrices as float8, a byte each.

    transformers widens them to the dtype that is asked for, so no reader has to know.
    """
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: small(name, weight) for name, weight in model.named_parameters()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(out)
    model.generation_config.update(
        num_beams=4, max_length=None, max_new_tokens=MAX_LENGTH, early_stopping=True
    )
    model.generation_config.save_pretrained(out)
    tokenizer.save_pretrained(out)
    _compact(out / "tokenizer.json")
