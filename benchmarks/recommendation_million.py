"""Recommendations out of a million items: time and recall of the index, through the call that the page makes.

The vectors are those of real texts by the starter embedder. Where there are fewer than a million texts, further vectors
stand between two real ones of the same source: w a + (1 - w) b, w in 0.3 ... 0.7, brought to length one; nothing about
them is real but that. Histories have three items: half of them any three real ones, half one and two of the hundred
nearest to it, as a taste that knows what it wants. Exact means the best of all items, scored one by one.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.recommendation_memory import peak_mb
from benchmarks.recommendation_texts import embed, texts
from core.pool import ModelPool
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.interactions import interactions_of
from core.scenarios.recommendation.item_vectors import ItemVectors
from core.scenarios.recommendation.items import Items
from core.scenarios.recommendation.recommending import Request, Wishes, recommend
from core.scenarios.recommendation.workshop import Job, Workshop
from core.streaming import outcome_of
from core.types import Progress

ITEMS = 1_000_000
K = 10
LIKED, NEAREST, APART = 3, 100, 1000
ROUNDS, WARM_UP = 400, 50
P95_MS, RECALL = 20.0, 0.95
BLOCK = 20_000
SEED = 11


def vectors_of(data: Path, count: int, most_texts: int, kept: Path | None) -> tuple[np.ndarray, int]:
    """(count, 384) float16 of unit length, and how many of them are of real texts; `kept`: a file for them."""
    if kept is not None and kept.exists():
        real = np.load(kept)
    else:
        found = texts(data)
        chosen = np.sort(np.random.default_rng(SEED).permutation(len(found))[:most_texts])
        real = embed([found[number] for number in chosen])
        if kept is not None:
            np.save(kept, real)
    real = real[:count]
    between = list(_between(real, count - len(real)))
    return np.concatenate([real, *between]), len(real)


def _between(real: np.ndarray, count: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(SEED + 1)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        first = rng.integers(len(real), size=size)
        second = (first + rng.integers(1, APART, size)) % len(real)
        weight = rng.uniform(0.3, 0.7, (size, 1)).astype(np.float32)
        mixed = weight * real[first] + (1 - weight) * real[second].astype(np.float32)
        yield (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float16)


class Given(ItemVectors):
    """Vectors that are there already."""

    def __init__(self, dataset: Dataset, workshop: Workshop, vectors: np.ndarray) -> None:
        super().__init__(dataset, workshop)
        self._given = Job(_at_once(vectors), "items")
        while not self._given.ended.is_set():
            self._given.advance()

    def job(self, models: ModelPool) -> Job:
        return self._given


def _at_once(vectors: np.ndarray) -> Iterator[Progress]:
    yield Progress(0, len(vectors), "items")
    return vectors


def shop_of(vectors: np.ndarray) -> Fits:
    """A shop of these items that few people took something of: only its texts say anything."""
    ids = tuple(f"item-{number:07}" for number in range(len(vectors)))
    titles = tuple(f"Item {number}" for number in range(len(vectors)))
    items = Items(ids, titles, ("",) * len(ids), ("",) * len(ids))
    interactions = interactions_of(["u1", "u2"], [ids[0], ids[1]], catalogue=ids)
    dataset, workshop = Dataset("a million", interactions, items), Workshop()
    return Fits(dataset, workshop, vectors=Given(dataset, workshop, vectors))


def histories(vectors: np.ndarray, real: int, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(SEED + 2)
    found = [rng.choice(real, LIKED, replace=False) for _ in range(count)]
    first = np.array([liked[0] for liked in found[1::2]])
    for place, nearest in enumerate(best(vectors, vectors[first], NEAREST + 1)):
        others = nearest[nearest != first[place]]
        found[2 * place + 1][1:] = rng.choice(others, LIKED - 1, replace=False)
    return [np.sort(liked) for liked in found]


def best(vectors: np.ndarray, queries: np.ndarray, count: int) -> np.ndarray:
    """(queries, count) item numbers by inner product, exact, best first; block by block, for want of memory."""
    wanted = queries.astype(np.float32).T
    numbers = np.zeros((len(queries), 0), dtype=np.int64)
    scores = np.zeros((len(queries), 0), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        own = (vectors[start : start + BLOCK].astype(np.float32) @ wanted).T
        scores = np.concatenate([scores, own], axis=1)
        here = np.broadcast_to(np.arange(start, start + own.shape[1]), own.shape)
        numbers = np.concatenate([numbers, here], axis=1)
        kept = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        scores, numbers = (np.take_along_axis(each, kept, axis=1) for each in (scores, numbers))
    return np.take_along_axis(numbers, np.argsort(-scores, axis=1), axis=1)


def million(data: Path, *, items: int, most_texts: int, kept: Path | None = None) -> dict[str, object]:
    vectors, real = vectors_of(data, items, most_texts, kept)
    fits = shop_of(vectors)
    started_s = time.perf_counter()
    outcome_of(fits.fit(None, "content"))
    built_s = time.perf_counter() - started_s
    asked = histories(vectors, real, WARM_UP + ROUNDS)
    tastes = np.stack([vectors[history].mean(axis=0, dtype=np.float64) for history in asked])
    ids = fits.dataset.interactions.items
    took_ms, took_cpu_ms, recalls = [], [], []
    for history, nearest in zip(asked, best(vectors, tastes, K + LIKED), strict=True):
        request = Request("content", tuple(ids[item] for item in history), Wishes(K))
        started_s, started_cpu_s = time.perf_counter(), time.process_time()
        found = outcome_of(recommend(None, fits, request))
        took_ms.append(1000 * (time.perf_counter() - started_s))
        took_cpu_ms.append(1000 * (time.process_time() - started_cpu_s))
        exact = nearest[~np.isin(nearest, history)][:K]
        recalls.append(len({pick.item for pick in found.picks} & set(exact.tolist())) / K)
    recalls, waited, used = (each[WARM_UP:] for each in (recalls, took_ms, took_cpu_ms))
    return {
        "items": len(vectors),
        "of_real_texts": real,
        "dimensions": vectors.shape[1],
        "index_built_s": round(built_s, 1),
        "recommend_ms": _percentiles(waited),
        # Of all cores together, whatever else runs on the machine.
        "recommend_cpu_ms": _percentiles(used),
        "recall_at_10": round(float(np.mean(recalls)), 4),
        "recall_at_10_any_three": round(float(np.mean(recalls[::2])), 4),
        "recall_at_10_one_taste": round(float(np.mean(recalls[1::2])), 4),
        "peak_mb": round(peak_mb()),
        "passed": _percentiles(waited)["p95"] <= P95_MS and float(np.mean(recalls)) >= RECALL,
    }


def _percentiles(values: list[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(values, share)), 2) for share in (50, 95, 99)}
