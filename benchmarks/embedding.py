"""Many texts embedded through the pool, against `encode` of the same model at its best batch size.

Same model, same number format, same number of torch threads, in one process and on the same thread (two that compute
would slow each other down, core/computing.py); rounds alternate.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from statistics import median

import torch
from sentence_transformers import SentenceTransformer

from benchmarks import reports
from benchmarks.questions import questions
from benchmarks.reports import Row, Spread
from core.catalog import read_catalog
from core.pool import ModelPool
from core.scenarios.embedding import embed_passages, pick_embedders
from core.settings import Settings
from core.showcase import build
from core.sources import locate
from core.types import EmbeddingItem

SIZES = (8, 16, 32, 64, 128)
AIM = 0.85
LANGUAGES = {"en": "minilm", "zh": "starter-bilingual"}


def through_the_pool(models: ModelPool, texts: list[str], language: str) -> Callable[[], object]:
    """All texts in one call, as they come: batches are the pool's."""
    items = [EmbeddingItem(text) for text in texts]
    return lambda: models.predict_many(f"embedder-{language}", items, background=True)


def as_a_knowledge_base(models: ModelPool, texts: list[str]) -> Callable[[], object]:
    """The way that an indexed knowledge base takes: sorted, in chunks that let visitors go between."""
    embedders = pick_embedders(models, ("embedder-en", "embedder-zh"))
    return lambda: list(embed_passages(models, texts, embedders))


def timed(call: Callable[[], object], texts: int) -> float:
    """Texts per second."""
    began_s = time.perf_counter()
    call()
    return texts / (time.perf_counter() - began_s)


def measure(models: ModelPool, language: str, *, count: int, rounds: int) -> dict[str, object]:
    spec = read_catalog().spec(LANGUAGES[language])
    encoder = SentenceTransformer(
        str(locate(spec, models_dir=None)),
        device="cpu",
        local_files_only=True,
        model_kwargs={"dtype": torch.float32},
    )
    texts = list(questions(language))[:count]

    def encode(size: int) -> Callable[[], object]:
        call = partial(encoder.encode, texts, batch_size=size, show_progress_bar=False)
        return lambda: models._computing.run(call)

    ways = {f"encode_{size}": encode(size) for size in SIZES}
    ways |= {
        "pool": through_the_pool(models, texts, language),
        "knowledge_base": as_a_knowledge_base(models, texts),
    }
    for way in ways.values():  # not counted
        way()
    speeds = [{name: timed(way, len(texts)) for name, way in ways.items()} for _ in range(rounds)]
    middle = {name: round(median(each[name] for each in speeds), 1) for name in ways}
    best = max((name for name in ways if name.startswith("encode")), key=middle.__getitem__)
    ratios = {
        name: asdict(Spread.of([each[name] / each[best] for each in speeds]))
        for name in ("pool", "knowledge_base")
    }
    return {"model": spec.model_id, "texts": len(texts), "per_s": middle, "best": best, "ratios": ratios}


def rows(language: str, found: dict) -> list[Row]:
    titles = {"pool": "one call of the pool", "knowledge_base": "as a knowledge base is indexed"}
    return [
        Row(
            f"Embedding {found['texts']} texts with {found['model']}, {titles[name]}",
            f"{ratio['median']:g} of the plain library's best ({found['per_s'][name]:g} against "
            f"{found['per_s'][found['best']]:g} texts/s at a batch of {found['best'].removeprefix('encode_')})",
            str(Spread(**ratio)),
            f"{AIM:g}",
            ratio["median"] >= AIM,
        )
        for name, ratio in found["ratios"].items()
    ]


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--texts", type=int, default=399)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="few texts, one round: does it run?")
    options = parser.parse_args()
    if options.quick:
        options.texts, options.rounds = 32, 1
    return options


def main() -> None:
    options = _arguments()
    place = build(Settings(models="starter", warm_up=False))
    found, lines = {}, []
    for language in LANGUAGES:
        found[language] = measure(place.models, language, count=options.texts, rounds=options.rounds)
        lines += rows(language, found[language])
    for row in lines:
        print(f"{row.what}: {row.figure}; {row.spread}", flush=True)
    place.close()
    figures = {"torch_threads": torch.get_num_threads(), "languages": found}
    reports.report("embedding", figures, save=options.save, rows=lines)


if __name__ == "__main__":
    main()
