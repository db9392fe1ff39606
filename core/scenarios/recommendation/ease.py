"""EASE^R: which items go with which, in closed form (Steck 2019, Embarrassingly Shallow Autoencoders)."""

from collections.abc import Generator

import numpy as np
from scipy.linalg import lapack

from core.errors import N_, InputTooLargeError
from core.scenarios.recommendation.blas import blas_threads
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted
from core.streaming import outcome_of
from core.types import Progress

MAX_MB = 2000
# Between the best of a small shop and of a large one, on validation parts of the sample and of MovieLens.
REGULARIZATION = 100.0
BLOCK_ITEMS = 512


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
    yield Progress(items, items, "items")
    with blas_threads():
        inverse = _inverted(gram)
    yield Progress(items, items, "items")
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
    """What fitting takes at its peak: the Gram matrix, inverted in place, in 64 bits, the weights in 32, and some."""
    return 14 * items**2 / 2**20


def _inverted(gram: np.ndarray) -> np.ndarray:
    """The inverse of a positive definite matrix, by Cholesky and in the same memory."""
    # The transpose of a symmetric matrix is the matrix in the order that LAPACK likes.
    factor, _info = lapack.dpotrf(gram.T, lower=1, clean=0, overwrite_a=1)
    inverse = lapack.dpotri(factor, lower=1, overwrite_c=1)[0].T
    # Only the half above the diagonal is there yet.
    for start in range(0, len(inverse), BLOCK_ITEMS):
        block = slice(start, start + BLOCK_ITEMS)
        inverse[block, :start] = inverse[:start, block].T
        own = np.triu(inverse[block, block])
        inverse[block, block] = own + np.triu(own, 1).T
    return inverse
