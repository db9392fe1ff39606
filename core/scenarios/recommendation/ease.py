"""EASE^R: which items go with which, in closed form (Steck 2019, Embarrassingly Shallow Autoencoders)."""

from collections.abc import Generator

import numpy as np

from core.blas import blas_threads
from core.errors import N_, InputTooLargeError
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted
from core.streaming import outcome_of
from core.types import Progress

MAX_MB = 2000
# Between the best of a small shop and of a large one, on validation parts of the sample and of MovieLens.
REGULARIZATION = 100.0
BLOCK_ITEMS = 512
# Matrices up to here are inverted at once, larger ones by their halves, which takes little more memory than the matrix.
# NumPy lets other threads run meanwhile; LAPACK as SciPy wraps it does not.
INVERTED_ITEMS = 2048


def fit_ease(interactions: Interactions, *, regularization: float = REGULARIZATION) -> Weighted:
    """Each item from all the others, its own weight held at zero.

    Raises InputTooLargeError, before anything is computed, when the matrix of items x items would not fit.
    """
    return outcome_of(ease_steps(interactions, regularization=regularization))


def ease_steps(
    interactions: Interactions, *, regularization: float = REGULARIZATION
) -> Generator[Progress, None, Weighted]:
    """As fit_ease, yielding Progress in items."""
    items = len(interactions.items)
    check_size(items)
    matrix = interactions.matrix.astype(np.float64)
    by_item, gram = matrix.tocsc(), np.empty((items, items))
    for start in range(0, items, BLOCK_ITEMS):
        yield Progress(start, items, "items")
        block = slice(start, start + BLOCK_ITEMS)
        gram[block] = (by_item[:, block].T @ matrix).toarray()
    gram[np.diag_indices(items)] += regularization
    for _ in _invert(gram):
        yield Progress(items, items, "items")
    gram /= -np.diag(gram).copy()
    weights = gram.astype(np.float32)
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
    """What fitting takes at its peak: the Gram matrix, inverted in place, in 64 bits, the weights in 32, and some."""
    return 18 * items**2 / 2**20


def _invert(matrix: np.ndarray) -> Generator[None]:
    """Put the inverse of a symmetric positive definite matrix in its place, half by half (Schur complement)."""
    if len(matrix) <= INVERTED_ITEMS:
        with blas_threads():
            matrix[:] = np.linalg.inv(matrix)
        yield
        return
    half = len(matrix) // 2
    first, side, second = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    yield from _invert(first)
    with blas_threads():
        across = first @ side
        second -= side.T @ across
    yield from _invert(second)
    with blas_threads():
        np.matmul(across, second, out=side)
        first += side @ across.T
    side *= -1
    matrix[half:, :half] = side.T
    yield
