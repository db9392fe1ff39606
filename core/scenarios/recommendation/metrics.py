"""How good lists of recommendations are, as the field measures it: all items ranked, seen ones left out.

Per user, with R the held-out items and the list cut at k: precision and recall (hits over k, over |R|), NDCG with
binary gains (Jarvelin and Kekalainen 2002; the ideal list has min(k, |R|) hits), average precision over
min(k, |R|), hit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Of the normal distribution: 95 %.
Z = 1.959964


@dataclass(frozen=True)
class Measured:
    """A mean over users, and half the width of its 95 % interval (normal approximation)."""

    mean: float
    margin: float


@dataclass(frozen=True)
class UserScores:
    """The figures of one user's list."""

    precision: float
    recall: float
    ndcg: float
    average_precision: float
    hit: float


def user_scores(listed: Sequence[int], held_out: Sequence[int], k: int) -> UserScores:
    """`listed` are item numbers, best first; `held_out` must not be empty."""
    wanted = set(held_out)
    hits = np.array([item in wanted for item in list(listed)[:k]], dtype=np.float64)
    places = np.arange(1, len(hits) + 1)
    most = min(k, len(wanted))
    found = hits.sum()
    gain = (hits / np.log2(places + 1)).sum() / (1 / np.log2(np.arange(2, most + 2))).sum()
    precisions = (hits * hits.cumsum() / places).sum() / most
    return UserScores(found / k, found / len(wanted), float(gain), float(precisions), float(found > 0))


def measured(values: Sequence[float]) -> Measured:
    """Mean and margin of one figure per user."""
    array = np.asarray(values, dtype=np.float64)
    margin = Z * array.std(ddof=1) / np.sqrt(len(array)) if len(array) > 1 else 0.0
    return Measured(float(array.mean()), float(margin))


def coverage(lists: Sequence[Sequence[int]], items: int) -> float:
    """The share of the catalogue that is in somebody's list."""
    return len({item for each in lists for item in each}) / items


def intra_list_diversity(listed: Sequence[int], vectors: np.ndarray) -> float:
    """One minus the mean cosine of two items of the list (Ziegler et al. 2005); unit `vectors` (items, dimensions)."""
    if len(listed) < 2:
        return 0.0
    own = vectors[np.asarray(listed)].astype(np.float64)
    total = (own.sum(axis=0) ** 2).sum() - (own**2).sum()
    return float(1 - total / (len(own) * (len(own) - 1)))


def novelty(listed: Sequence[int], shares: np.ndarray) -> float:
    """The mean surprise of the items, -log2 of the share of users who took them (Vargas and Castells 2011), in bits."""
    return float(-np.log2(np.maximum(shares[np.asarray(listed)], 1e-9)).mean()) if len(listed) else 0.0


def top(scores: np.ndarray, k: int, seen: np.ndarray) -> np.ndarray:
    """The k best items that were not seen, exact; equal scores in the order of their numbers."""
    masked = scores.astype(np.float64, copy=True)
    masked[seen] = -np.inf
    k = min(k, len(masked) - len(np.unique(seen)))
    if k <= 0:
        return np.array([], dtype=np.int64)
    threshold = np.partition(masked, -k)[-k]
    candidates = np.flatnonzero(masked >= threshold)
    order = np.lexsort((candidates, -masked[candidates]))
    return candidates[order][:k]
