"""Who took what: the only thing that all recommenders but the content-based one learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def shares(self) -> np.ndarray:
        """(items,) float64: the share of users who took each item."""
        return self.popularity / max(1, len(self.users))

    def history(self, user: int) -> np.ndarray:
        """The items of a user, by number, ascending."""
        start, end = self.matrix.indptr[user : user + 2]
        return np.sort(self.matrix.indices[start:end])


def interactions_of(
    users: Sequence[str],
    items: Sequence[str],
    times: Sequence[float] | None = None,
    *,
    catalogue: Sequence[str] = (),
) -> Interactions:
    """From one (user, item) pair per event; a pair that comes again counts once, with its last time.

    Items of the `catalogue` that nobody took belong to it too. Users and items are in ascending order.
    """
    user_ids, rows = np.unique(np.asarray(users, dtype=object).astype(str), return_inverse=True)
    item_ids = np.unique([*items, *catalogue])
    columns = np.searchsorted(item_ids, np.asarray(items, dtype=item_ids.dtype))
    known = None if times is None else np.asarray(times, dtype=np.float64)
    return interactions_from(tuple(user_ids.tolist()), tuple(item_ids.tolist()), rows, columns, known)


def interactions_from(
    users: tuple[str, ...],
    items: tuple[str, ...],
    rows: np.ndarray,
    columns: np.ndarray,
    times: np.ndarray | None = None,
) -> Interactions:
    """From the numbers of the user and the item of each event, and its time; ids must ascend."""
    keys = rows.astype(np.int64) * len(items) + columns
    if times is None:
        kept, known = np.unique(keys), None
    else:
        order = np.lexsort((times, keys))
        ordered = keys[order]
        # Of equal keys the last one stays.
        is_last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.array([], dtype=bool)
        kept, known = ordered[is_last], times[order][is_last]
    shape = (len(users), len(items))
    places = (kept // shape[1], kept % shape[1])
    matrix = sparse.csr_array((np.ones(len(kept), np.float32), places), shape=shape)
    return Interactions(users, items, matrix, known)
