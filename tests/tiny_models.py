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


WORDS = ["the", "tower", "is", "tall", "old", "a", "and", ".", "塔", "很", "高", "老", "一", "座", "。"]
MASKS = [f"<x{n}>" for n in range(10)]


def write_translator(folder: Path, *, positions: int = 64, seed: int = 7) -> None:
    """A translator of fifteen words with tags and marks, and random weights: two layers of 32."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    special = ["<pad>", "</s>", "<s>", "<unk>", ">>zh<<", ">>en<<"]
    words = [*special, *MASKS, *WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens(MASKS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", special.index("</s>"))]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", bos_token="<s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(seed)
    _save_seq2seq(
        BartForConditionalGeneration,
        BartConfig(
            vocab_size=len(words),
            d_model=32,
            max_position_embeddings=positions,
            **_tiny_layers(),
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=2,
            decoder_start_token_id=2,
            forced_eos_token_id=None,
            init_std=0.5,
        ),
        folder,
    )


def write_marian(folder: Path) -> None:
    """A repository like those of opus-mt: SentencePiece on both sides, weights in pytorch_model.bin, all random."""
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir(parents=True)
    text = folder / "text.txt"
    text.write_text("\n".join(["the tower is tall and old .", "塔 很 高 。"] * 20), encoding="utf-8")
    for side in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=str(folder / side), vocab_size=22, minloglevel=2
        )
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    pieces = [
        line.split("\t")[0] for line in (folder / "source.vocab").read_text(encoding="utf-8").splitlines()
    ]
    vocab = [
        "</s>",
        "<unk>",
        *(piece for piece in pieces if not piece.startswith("<")),
        ">>cmn_Hans<<",
        "<pad>",
    ]
    (folder / "vocab.json").write_text(
        json.dumps({piece: i for i, piece in enumerate(vocab)}), encoding="utf-8"
    )
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "MarianTokenizer"}))
    torch.manual_seed(7)
    pad = len(vocab) - 1
    config = MarianConfig(
        vocab_size=len(vocab), d_model=32, max_position_embeddings=64, **_tiny_layers(), pad_token_id=pad,
        eos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=None, init_std=0.5,
    )  # fmt: skip
    _save_seq2seq(MarianMTModel, config, folder)
    torch.save(MarianMTModel.from_pretrained(folder).state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def write_m2m100(folder: Path) -> None:
    """A repository like m2m100_418M: one model for all directions, told by the first token; all random."""
    import sentencepiece
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    folder.mkdir(parents=True)
    text = folder / "text.txt"
    text.write_text("\n".join(["the tower is tall and old .", "塔 很 高 。"] * 20), encoding="utf-8")
    spm = str(folder / "sentencepiece.bpe")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=spm, vocab_size=60, model_type="bpe", minloglevel=2
    )
    pieces = [line.split("\t")[0] for line in Path(f"{spm}.vocab").read_text(encoding="utf-8").splitlines()]
    vocab = ["<s>", "<pad>", "</s>", "<unk>", *(piece for piece in pieces if not piece.startswith("<"))]
    (folder / "vocab.json").write_text(
        json.dumps({piece: i for i, piece in enumerate(vocab)}), encoding="utf-8"
    )
    tokenizer = M2M100Tokenizer(str(folder / "vocab.json"), f"{spm}.model")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = M2M100Config(
        vocab_size=len(vocab) + 110, d_model=32, max_position_embeddings=64, **_tiny_layers(),
        pad_token_id=1, eos_token_id=2, bos_token_id=0, decoder_start_token_id=2, init_std=0.5,
    )  # fmt: skip
    _save_seq2seq(M2M100ForConditionalGeneration, config, folder)


def _tiny_layers() -> dict[str, int]:
    sides = ("encoder", "decoder")
    layers = {f"{side}_layers": 2 for side in sides}
    return (
        layers | {f"{side}_attention_heads": 2 for side in sides} | {f"{side}_ffn_dim": 64 for side in sides}
    )


def _save_seq2seq(kind: type, config: object, folder: Path) -> None:
    kind(config).eval().save_pretrained(folder)
