"""Vectors for texts of either language, from the embedder of the language each is written in."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from core.catalog import ModelSpec
from core.errors import N_, ModelLoadError
from core.language import language_of
from core.pool import ModelPool
from core.types import EmbeddingItem

# Texts sent at once while indexing: short enough that a visitor's question hardly waits behind them.
CHUNK = 64
Embedders = Mapping[str, ModelSpec]
"""Role -> the spec that serves it; all of one vector space."""


def role_for(text: str) -> str:
    return f"embedder-{language_of(text)}"


def pick_embedders(models: ModelPool, roles: Sequence[str]) -> Embedders:
    """The embedders that serve these roles now. Raises ModelLoadError when their vectors cannot be compared."""
    picked = {role: models.pick(role) for role in roles}
    if len({spec.space for spec in picked.values()}) > 1:
        titles = " / ".join(spec.title for spec in picked.values())
        message = N_(
            "The embedders {titles} do not go together. Load one for both languages on the operations page."
        )
        raise ModelLoadError(message, titles=titles)
    return picked


def embed(models: ModelPool, text: str, embedders: Embedders) -> np.ndarray:
    """The vector (dim,) of one question."""
    role = role_for(text)
    return models.predict(embedders.get(role, role), EmbeddingItem(text, is_query=True))


def embed_passages(
    models: ModelPool, texts: Sequence[str], embedders: Embedders
) -> Iterator[dict[str, np.ndarray]]:
    """The vectors of `texts`, chunk by chunk, embedded behind every visitor's back."""
    by_role: dict[str, list[str]] = {}
    # The longest text first: a batch is as slow as its longest row.
    for text in sorted(texts, key=len, reverse=True):
        by_role.setdefault(role_for(text), []).append(text)
    for role, own in by_role.items():
        for start in range(0, len(own), CHUNK):
            chunk = own[start : start + CHUNK]
            items = [EmbeddingItem(text) for text in chunk]
            yield dict(zip(chunk, models.predict_many(embedders[role], items, background=True), strict=True))
