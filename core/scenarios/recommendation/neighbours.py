"""Item-kNN: items that the same people took (Sarwar et al. 2001), shrunk where few people took both."""

import numpy as np
from scipy import sparse

from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted


def fit_item_knn(interactions: Interactions, *, neighbours: int = 100, shrinkage: float = 10.0) -> Weighted:
    """Cosine of two items' columns, `shrinkage` added below the line; each item keeps its nearest neighbours."""
    matrix = interactions.matrix.astype(np.float64)
    together = sparse.csc_array(matrix.T @ matrix)
    norms = np.sqrt(together.diagonal())
    columns = np.repeat(np.arange(together.shape[1]), np.diff(together.indptr))
    values = together.data / (norms[together.indices] * norms[columns] + shrinkage)
    values[together.indices == columns] = 0.0
    kept = _nearest(together.indptr, values, neighbours)
    places = (together.indices[kept], columns[kept])
    return Weighted(sparse.csr_array((values[kept], places), shape=together.shape))


def _nearest(starts: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """The places of the `count` largest values above zero of each column."""
    kept = []
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        best = start + np.argsort(-values[start:end], kind="stable")[:count]
        kept.append(best[values[best] > 0])
    return np.concatenate(kept) if kept else np.array([], dtype=np.int64)
