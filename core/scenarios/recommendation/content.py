"""Content: items whose texts say what the texts of the history say."""

from dataclasses import dataclass

import numpy as np

from core.scenarios.recommendation.index import Index
from core.scenarios.recommendation.recommenders import Terms


@dataclass(frozen=True, eq=False)
class Content:
    """The mean cosine between an item's text and those of the history: `vectors` (items, dimensions) of unit length."""

    vectors: np.ndarray
    index: Index | None = None

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        if items is not None:
            return self.vectors[items].astype(np.float64) @ self._taste(history)
        # In 32 bits, since all items together are large; those that are shown are scored in 64.
        return (self.vectors @ self._taste(history).astype(self.vectors.dtype)).astype(np.float64)

    def terms(self, history: np.ndarray, item: int) -> Terms:
        own = self.vectors[item].astype(np.float64)
        return Terms(self.vectors[history].astype(np.float64) @ own / max(1, len(history)))

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        return self.index.search(self._taste(history), count) if self.index else None

    def _taste(self, history: np.ndarray) -> np.ndarray:
        if not len(history):
            return np.zeros(self.vectors.shape[1])
        return self.vectors[history].mean(axis=0, dtype=np.float64)
