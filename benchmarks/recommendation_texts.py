"""Distinct English texts of many kinds out of the shared data, and their vectors by the starter embedder."""

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.catalog import read_catalog
from core.device import detect
from core.engines import load_engine
from core.settings import ROOT
from core.sources import locate
from core.types import EmbeddingItem

# (folder, file, columns, separator): things in a few words first, then sentences.
TABLES = (
    ("online-retail", "online_retail.csv.gz", ("Description",), ","),
    ("movielens-latest-small", "movies.csv.gz", ("title",), ","),
    ("software-taglines", "software_taglines.csv.gz", ("description",), ","),
    ("cc-cedict", "cc_cedict.tsv.gz", ("english",), "\t"),
    ("multi30k-en-de", "train.tsv.gz", ("en",), "\t"),
    ("e2e-restaurants", "e2e_clean.csv.gz", ("text",), ","),
    ("sentiment-en", "sentiment_en.csv.gz", ("text",), ","),
    ("bitext-customer-support", "bitext_customer_support.csv.gz", ("instruction", "response_short"), ","),
    ("en-zh-parallel", "train.tsv.gz", ("en",), "\t"),
    ("us-gov-blog-posts", "us_gov_posts.csv.gz", ("title", "summary", "body"), ","),
)
# What an item's description has; longer texts are taken by sentences.
MAX_CHARS = 200
BATCH = 256
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


def texts(data: Path) -> list[str]:
    """All of them, each once, table by table: neighbours are of the same kind."""
    csv.field_size_limit(sys.maxsize)
    with gzip.open(data / "clinc150" / "data_full.json.gz", "rt", encoding="utf-8") as file:
        clinc = json.load(file)
    found = dict.fromkeys(text for rows in clinc.values() for text, _intent in rows)
    for folder, name, columns, separator in TABLES:
        found |= dict.fromkeys(_parts(data / folder / name, columns, separator))
    return list(found)


def _parts(path: Path, columns: tuple[str, ...], separator: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=separator):
            for column in columns:
                text = (row[column] or "").strip()
                pieces = [text] if len(text) <= MAX_CHARS else _SENTENCE.findall(text)
                yield from (piece.strip() for piece in pieces if 3 <= len(piece.strip()) <= MAX_CHARS)


def embed(wanted: list[str]) -> np.ndarray:
    """(texts, 384) float16 of unit length, by the starter for English, as the product embeds items."""
    spec = next(
        each for each in read_catalog().specs if "embedder-en" in each.roles and each.tier == "starter"
    )
    engine = load_engine(spec, locate(spec, models_dir=ROOT / "var" / "models"), detect("cpu"))
    # Of one length in a batch: nothing is padded.
    order = np.argsort([len(text) for text in wanted], kind="stable")
    vectors = np.zeros((len(wanted), len(engine.predict([EmbeddingItem("dimensions")])[0])), dtype=np.float16)
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            vectors[chosen] = engine.predict([EmbeddingItem(wanted[number]) for number in chosen])
    return vectors
