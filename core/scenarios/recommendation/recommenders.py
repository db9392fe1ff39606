"""What recommenders have in common: a score is a sum of what each liked item adds and what an item has anyway."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from core.scenarios.recommendation.interactions import Interactions


@dataclass(frozen=True, eq=False)
class Terms:
    """Why an item has its score: one value per item of the history, and `base` for the rest; together the score."""

    from_history: np.ndarray
    base: float = 0.0

    @property
    def total(self) -> float:
        return float(self.from_history.sum() + self.base)


class Recommender(Protocol):
    """Scores every item for somebody who liked the items of a history, an array of different item numbers."""

    def score(self, history: np.ndarray) -> np.ndarray:
        """(items,) float64, higher is better."""

    def terms(self, history: np.ndarray, item: int) -> Terms:
        """What the score of this one item is made of."""


@dataclass(frozen=True, eq=False)
class Popularity:
    """The same list for everybody: the share of users who took the item."""

    shares: np.ndarray

    def score(self, history: np.ndarray) -> np.ndarray:
        return self.shares.copy()

    def terms(self, history: np.ndarray, item: int) -> Terms:
        return Terms(np.zeros(len(history)), float(self.shares[item]))


@dataclass(frozen=True, eq=False)
class Weighted:
    """Items that go with those of the history: `weights` (items, items), [h, i] is what h adds to i."""

    weights: np.ndarray | sparse.csr_array

    def score(self, history: np.ndarray) -> np.ndarray:
        rows = self.weights[history]
        return np.asarray(rows.sum(axis=0, dtype=np.float64)).ravel()

    def terms(self, history: np.ndarray, item: int) -> Terms:
        column = self.weights[history][:, [item]]
        values = column.toarray() if sparse.issparse(column) else column
        return Terms(np.asarray(values, dtype=np.float64).ravel())


@dataclass(frozen=True, eq=False)
class Content:
    """The mean cosine between an item's text and those of the history: `vectors` (items, dimensions) of unit length."""

    vectors: np.ndarray

    def score(self, history: np.ndarray) -> np.ndarray:
        if not len(history):
            return np.zeros(len(self.vectors))
        return self.vectors.astype(np.float64) @ self.vectors[history].mean(axis=0, dtype=np.float64)

    def terms(self, history: np.ndarray, item: int) -> Terms:
        own = self.vectors[item].astype(np.float64)
        return Terms(self.vectors[history].astype(np.float64) @ own / max(1, len(history)))


def fit_popularity(interactions: Interactions) -> Popularity:
    return Popularity(interactions.popularity / max(1, len(interactions.users)))
