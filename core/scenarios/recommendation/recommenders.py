"""What recommenders have in common: a score is a sum of what each liked item adds and what an item has anyway."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from core.scenarios.recommendation.interactions import Interactions

HISTORY_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Terms:
    """Why an item has its score: one value per item of the history, and `base` for the rest; together the score."""

    from_history: np.ndarray
    base: float = 0.0

    @property
    def total(self) -> float:
        return float(self.from_history.sum() + self.base)


class Recommender(Protocol):
    """Scores items for somebody who liked the items of a history, an array of different item numbers."""

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        """(items,) float64, higher is better, of all items or of these."""

    def terms(self, history: np.ndarray, item: int) -> Terms:
        """What the score of this one item is made of."""

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        """At least so many items of which the best are very likely part, where all are too many; None to try all."""


@dataclass(frozen=True, eq=False)
class Popularity:
    """The same list for everybody: the share of users who took the item. `order` has the best first."""

    shares: np.ndarray
    order: np.ndarray

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        return self.shares.copy() if items is None else self.shares[items]

    def terms(self, history: np.ndarray, item: int) -> Terms:
        return Terms(np.zeros(len(history)), float(self.shares[item]))

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        return self.order[:count]


@dataclass(frozen=True, eq=False)
class Weighted:
    """Items that go with those of the history: `weights` (items, items), [h, i] is what h adds to i."""

    weights: np.ndarray | sparse.csr_array

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        if sparse.issparse(self.weights):
            rows = self.weights[history]
            own = rows if items is None else rows[:, items]
            return np.bincount(own.indices, own.data, minlength=own.shape[1])
        if items is not None:
            return self.weights[np.ix_(history, items)].sum(axis=0, dtype=np.float64)
        return sum(
            (self.weights[part].sum(axis=0, dtype=np.float64) for part in _blocks(history)),
            start=np.zeros(len(self.weights)),
        )

    def terms(self, history: np.ndarray, item: int) -> Terms:
        column = self.weights[history][:, [item]]
        values = column.toarray() if sparse.issparse(column) else column
        return Terms(np.asarray(values, dtype=np.float64).ravel())

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        if not sparse.issparse(self.weights):
            return None
        # No other item has a score, so the first ones stand for them all: this is exact.
        first = np.arange(min(count, self.weights.shape[1]))
        return np.union1d(self.weights[history].indices, first)


def _blocks(history: np.ndarray) -> list[np.ndarray]:
    """A long history in parts, so that its rows are not all copied at once."""
    return np.array_split(history, len(history) // HISTORY_BLOCK + 1)


def fit_popularity(interactions: Interactions) -> Popularity:
    shares = interactions.shares
    return Popularity(shares, np.argsort(-shares, kind="stable"))
