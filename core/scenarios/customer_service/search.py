"""Rows grouped by what they belong to: one score per row becomes one score per group."""

from collections.abc import Sequence

import numpy as np

# Threads of BLAS spin for 30 ms after each product, in the way of the models and of each other: with 32 visitors at
# once on four cores that took 60 ms of processor a question. Only beyond so many rows does one caller gain from them.
ALONE_ROWS = 20_000


class Groups:
    """Which rows belong together: rows of a group lie side by side; a group may have none."""

    def __init__(self, owners: Sequence[int], size: int) -> None:
        """`owners`: the group number of each row, 0..size-1, never falling."""
        self.owners = np.asarray(owners, dtype=np.int64)
        self._size = size
        self._bounds = np.searchsorted(self.owners, np.arange(size + 1))
        self._present, self._starts = np.unique(self.owners, return_index=True)

    def __len__(self) -> int:
        return self._size

    def best(self, scores: np.ndarray) -> np.ndarray:
        """The highest score among each group's rows, (groups,); NaN where it has none, or none but NaN."""
        best = np.full(self._size, np.nan, dtype=np.float32)
        if len(scores):
            best[self._present] = np.fmax.reduceat(scores, self._starts)
        return best

    def rows(self, group: int) -> range:
        return range(int(self._bounds[group]), int(self._bounds[group + 1]))

    def counts(self) -> np.ndarray:
        """How many rows each group has, (groups,)."""
        return np.diff(self._bounds)


class GroupedVectors(Groups):
    """Groups whose rows are unit vectors."""

    def __init__(self, vectors: np.ndarray, owners: Sequence[int], size: int) -> None:
        super().__init__(owners, size)
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    def cosines(self, vector: np.ndarray) -> np.ndarray:
        product = np.vecdot if len(self.vectors) <= ALONE_ROWS else np.matmul
        return product(self.vectors, vector)


def highest(scores: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the k highest scores, best first; equal scores in their own order."""
    candidates = np.arange(len(scores))
    if k < len(scores):
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero(scores >= floor)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:k]
