"""Who took what: the only thing that all recommenders but the content-based one learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse


@dataclass(frozen=True, eq=False)
class Interactions:
    """`matrix` has a row per user and a column per item, float32: 1 for each pair that was seen together.

    `times` are seconds or ranks of the pairs in the order of the matrix's own data, None where no time is known.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    matrix: sparse.csr_array
    times: np.ndarray | None = None

    @property
    def count(self) -> int:
        return self.matrix.nnz

    @property
    def popularity(self) -> np.ndarray:
        """(items,) float64: how many users took each item."""
        return np.asarray(self.matrix.sum(axis=0), dtype=np.float64).ravel()

    def history(self, user: int) -> np.ndarray:
        """The items of a user, by number, ascending."""
        start, end = self.matrix.indptr[user : user + 2]
        return np.sort(self.matrix.indices[start:end])


def interactions_of(
    users: Sequence[str], items: Sequence[str], times: Sequence[float] | None = None
) -> Interactions:
    """From one (user, item) pair per event; a pair that comes again counts once, with its last time."""
    user_ids, rows = np.unique(np.asarray(users, dtype=object).astype(str), return_inverse=True)
    item_ids, columns = np.unique(np.asarray(items, dtype=object).astype(str), return_inverse=True)
    shape = (len(user_ids), len(item_ids))
    keys = rows.astype(np.int64) * shape[1] + columns
    order = np.arange(len(keys)) if times is None else np.argsort(np.asarray(times), kind="stable")
    # Of equal keys the last one stays.
    kept, last = np.unique(keys[order][::-1], return_index=True)
    chosen = order[len(order) - 1 - last]
    matrix = sparse.csr_array(
        (np.ones(len(kept), np.float32), (kept // shape[1], kept % shape[1])), shape=shape
    )
    known = None if times is None else np.asarray(times, dtype=np.float64)[chosen]
    return Interactions(tuple(user_ids.tolist()), tuple(item_ids.tolist()), matrix, known)
