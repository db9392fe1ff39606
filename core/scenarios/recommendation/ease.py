"""EASE^R: which items go with which, in closed form (Steck 2019, Embarrassingly Shallow Autoencoders)."""

from collections.abc import Generator

import numpy as np
from scipy import linalg

from core.errors import N_, InputTooLargeError
from core.scenarios.recommendation.blas import blas_threads
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted
from core.streaming import outcome_of
from core.types import Progress

MAX_MB = 2000
STEPS = 3


def fit_ease(interactions: Interactions, *, regularization: float = 200.0) -> Weighted:
    """Each item from all the others, its own weight held at zero.

    Raises InputTooLargeError, before anything is computed, when the matrix of items x items would not fit.
    """
    return outcome_of(ease_steps(interactions, regularization=regularization))


def ease_steps(
    interactions: Interactions, *, regularization: float = 200.0
) -> Generator[Progress, None, Weighted]:
    """As fit_ease, yielding Progress in steps."""
    items = len(interactions.items)
    check_size(items)
    yield Progress(0, STEPS, "steps")
    matrix = interactions.matrix.astype(np.float64)
    gram = (matrix.T @ matrix).toarray()
    gram[np.diag_indices(items)] += regularization
    yield Progress(1, STEPS, "steps")
    with blas_threads():
        inverse = linalg.inv(gram, overwrite_a=True, check_finite=False, assume_a="pos")
    del gram
    yield Progress(2, STEPS, "steps")
    inverse /= -np.diag(inverse).copy()
    weights = inverse.astype(np.float32)
    weights[np.diag_indices(items)] = 0.0
    return Weighted(weights)


def check_size(items: int) -> None:
    """Raises InputTooLargeError when EASE cannot be had for so many items."""
    if not fits_in_memory(items):
        message = N_(
            "{items} items are too many for EASE: it would take {size} MB of memory, and {limit} MB is the limit. "
            "Choose item-kNN or ALS."
        )
        raise InputTooLargeError(message, items=items, size=round(memory_mb(items)), limit=MAX_MB)


def fits_in_memory(items: int) -> bool:
    return memory_mb(items) <= MAX_MB


def memory_mb(items: int) -> float:
    """What fitting takes at its peak: the Gram matrix, its inverse and what is computed from them, in 64 bits."""
    return 3 * 8 * items**2 / 2**20
