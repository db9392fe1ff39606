"""Implicit ALS: factors of items (Hu, Koren and Volinsky 2008), fitted by the library `implicit`."""

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Terms


@dataclass(frozen=True, eq=False)
class Factors:
    """`items` is (items, factors) float64. A visitor's own factors are solved from the history: nobody need be known.

    What was taken has confidence `alpha`, what was not has 1, as in the library.
    """

    items: np.ndarray
    regularization: float
    alpha: float

    def score(self, history: np.ndarray) -> np.ndarray:
        liked = self.items[history]
        return self.items @ np.linalg.solve(self._normal(liked), self.alpha * liked.sum(axis=0))

    def terms(self, history: np.ndarray, item: int) -> Terms:
        """Section 5 of the paper: the score is linear in the liked items."""
        liked = self.items[history]
        return Terms(self.alpha * liked @ np.linalg.solve(self._normal(liked), self.items[item]))

    def _normal(self, liked: np.ndarray) -> np.ndarray:
        gram = self.items.T @ self.items + (self.alpha - 1) * liked.T @ liked
        return gram + self.regularization * np.eye(len(gram))


def fit_als(
    interactions: Interactions,
    *,
    factors: int = 64,
    regularization: float = 0.05,
    alpha: float = 10.0,
    iterations: int = 15,
    seed: int = 42,
) -> Factors:
    """Factors of the items; the same seed gives the same factors on one thread."""
    model = AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
        random_state=seed,
        dtype=np.float64,
    )
    model.fit(sparse.csr_matrix(interactions.matrix), show_progress=False)
    return Factors(np.asarray(model.item_factors, dtype=np.float64), regularization, alpha)
