"""Implicit ALS: factors of items (Hu, Koren and Volinsky 2008), fitted by the library `implicit`."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from core.blas import THREADS, blas_threads
from core.scenarios.recommendation.index import Index
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Terms
from core.streaming import outcome_of
from core.types import Progress

# Good on validation parts of MovieLens and of samples of 40 to 3,000 simulated users, where a smaller alpha comes to
# nothing with few users, and a smaller regularization finds a third less with many.
REGULARIZATION, ALPHA = 20.0, 10.0


@dataclass(frozen=True, eq=False)
class Factors:
    """`items` is (items, factors). A visitor's own factors are solved from the history: nobody need be known.

    What was taken has confidence `alpha`, what was not has 1, as in the library.
    """

    items: np.ndarray
    regularization: float
    alpha: float
    index: Index | None = None

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        own = self._factors(history)
        if items is not None:
            return self.items[items].astype(np.float64) @ own
        return (self.items @ own.astype(self.items.dtype)).astype(np.float64)

    def terms(self, history: np.ndarray, item: int) -> Terms:
        """Section 5 of the paper: the score is linear in the liked items."""
        liked = self.items[history].astype(np.float64)
        return Terms(self.alpha * liked @ np.linalg.solve(self._normal(liked), self.items[item]))

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        return self.index.search(self._factors(history), count) if self.index else None

    def _factors(self, history: np.ndarray) -> np.ndarray:
        liked = self.items[history].astype(np.float64)
        return np.linalg.solve(self._normal(liked), self.alpha * liked.sum(axis=0))

    def _normal(self, liked: np.ndarray) -> np.ndarray:
        gram = self._gram + (self.alpha - 1) * liked.T @ liked
        return gram + self.regularization * np.eye(len(gram))

    @cached_property
    def _gram(self) -> np.ndarray:
        return (self.items.T @ self.items).astype(np.float64)


def fit_als(interactions: Interactions, **options: float) -> Factors:
    """Factors of the items, float32; the same seed gives the same factors. Options are those of als_steps."""
    return outcome_of(als_steps(interactions, **options))


def als_steps(
    interactions: Interactions,
    *,
    factors: int = 64,
    regularization: float = REGULARIZATION,
    alpha: float = ALPHA,
    iterations: int = 15,
    seed: int = 42,
) -> Generator[Progress, None, Factors]:
    """As fit_als, yielding Progress in steps."""
    # The library solves many small systems at once: threads of BLAS would only get in its way.
    with blas_threads(1):
        model = AlternatingLeastSquares(
            factors=factors,
            regularization=regularization,
            alpha=alpha,
            iterations=1,
            random_state=seed,
            num_threads=THREADS,
        )
    matrix = sparse.csr_matrix(interactions.matrix)
    for done in range(iterations):
        yield Progress(done, iterations, "steps")
        with blas_threads(1):
            model.fit(matrix, show_progress=False)
    return Factors(model.item_factors, regularization, alpha)
