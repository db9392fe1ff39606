"""Vectors for texts of either language, from the embedder of the language each is written in."""

from collections.abc import Iterator

import numpy as np

from core.language import language_of
from core.pool import ModelPool
from core.types import EmbeddingItem, Progress

# Texts sent at once while indexing: short enough that a visitor's question hardly waits behind them.
CHUNK = 64


def role_for(text: str) -> str:
    return f"embedder-{language_of(text)}"


def embed(models: ModelPool, text: str) -> np.ndarray:
    """The vector (dim,) of one question."""
    return models.predict(role_for(text), EmbeddingItem(text, is_query=True))


def embed_passages(models: ModelPool, texts: list[str]) -> Iterator[Progress]:
    """Yield Progress while embedding `texts` behind every visitor's back; return an array (n, dim)."""
    vectors: list[np.ndarray | None] = [None] * len(texts)
    done = 0
    for role, places in _by_role(texts).items():
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            items = [EmbeddingItem(texts[place]) for place in chunk]
            for place, vector in zip(chunk, models.predict_many(role, items, background=True), strict=True):
                vectors[place] = vector
            done += len(chunk)
            yield Progress(done, len(texts), "texts")
    return np.stack(vectors)


def _by_role(texts: list[str]) -> dict[str, list[int]]:
    """Places in `texts` per role, the longest text first: a batch is as slow as its longest row."""
    places: dict[str, list[int]] = {}
    for place in sorted(range(len(texts)), key=lambda place: -len(texts[place])):
        places.setdefault(role_for(texts[place]), []).append(place)
    return places
