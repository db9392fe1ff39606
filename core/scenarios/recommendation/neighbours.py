"""Item-kNN: items that the same people took (Sarwar et al. 2001), shrunk where few people took both."""

from collections.abc import Generator

import numpy as np
from scipy import sparse

from core.errors import N_, InputTooLargeError
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted
from core.streaming import outcome_of
from core.types import Progress

# Pairs of items that somebody took both of: one step counts so many, and about as many are counted in a second or two.
PAIRS_PER_STEP = 20_000_000
MAX_PAIRS = 5_000_000_000


def fit_item_knn(interactions: Interactions, *, neighbours: int = 100, shrinkage: float = 10.0) -> Weighted:
    """Cosine of two items' columns, `shrinkage` added below the line; each item keeps its nearest neighbours.

    Raises InputTooLargeError where users with very long histories make too many pairs.
    """
    return outcome_of(item_knn_steps(interactions, neighbours=neighbours, shrinkage=shrinkage))


def item_knn_steps(
    interactions: Interactions, *, neighbours: int = 100, shrinkage: float = 10.0
) -> Generator[Progress, None, Weighted]:
    """As fit_item_knn, yielding Progress in items."""
    matrix = interactions.matrix.tocsc().astype(np.float64)
    by_user = interactions.matrix.astype(np.float64)
    pairs = _pairs_up_to(interactions)
    norms = np.sqrt(interactions.popularity)
    items, start, kept = len(norms), 0, []
    while start < items:
        yield Progress(start, items, "items")
        done = pairs[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(pairs, done + PAIRS_PER_STEP)))
        together = sparse.csr_array(matrix[:, start:end].T @ by_user)
        kept.append(_nearest(together, norms, start, neighbours, shrinkage))
        start = end
    # Row by row each item's nearest; column by column what they add to it.
    return Weighted(sparse.csr_array(sparse.vstack(kept).T))


def _pairs_up_to(interactions: Interactions) -> np.ndarray:
    """(items,): how many pairs the items up to this one are part of, each pair once per user."""
    lengths = np.diff(interactions.matrix.indptr).astype(np.float64)
    pairs = np.cumsum(interactions.matrix.T @ lengths)
    if pairs[-1] > MAX_PAIRS:
        message = N_(
            "Some users took so many items that {pairs} pairs would have to be counted for item-kNN, and {limit} is "
            "the limit. Choose ALS."
        )
        raise InputTooLargeError(message, pairs=int(pairs[-1]), limit=MAX_PAIRS)
    return pairs


def _nearest(
    together: sparse.csr_array, norms: np.ndarray, start: int, count: int, shrinkage: float
) -> sparse.csr_array:
    """Of these rows, the items from `start` on, the `count` largest similarities above zero of each."""
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    values = together.data / (norms[together.indices] * norms[start + rows] + shrinkage)
    values[together.indices == start + rows] = 0.0
    # Row by row, the largest first; the sort keeps the order of equal ones.
    order = np.lexsort((-values, rows))
    place = np.arange(len(order)) - together.indptr[rows[order]]
    kept = order[(place < count) & (values[order] > 0)]
    return sparse.csr_array(
        (values[kept].astype(np.float32), (rows[kept], together.indices[kept])), shape=together.shape
    )
