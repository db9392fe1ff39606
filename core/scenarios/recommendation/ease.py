"""EASE^R: which items go with which, in closed form (Steck 2019, Embarrassingly Shallow Autoencoders)."""

import numpy as np

from core.errors import N_, InputTooLargeError
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Weighted

MAX_MB = 2000


def fit_ease(interactions: Interactions, *, regularization: float = 200.0) -> Weighted:
    """Each item from all the others, its own weight held at zero.

    Raises InputTooLargeError, before anything is computed, when the matrix of items x items would not fit.
    """
    items = len(interactions.items)
    if memory_mb(items) > MAX_MB:
        message = N_(
            "{items} items are too many for EASE: it would take {size} MB of memory, and {limit} MB is the limit. "
            "Choose item-kNN or ALS."
        )
        raise InputTooLargeError(message, items=items, size=round(memory_mb(items)), limit=MAX_MB)
    matrix = interactions.matrix.astype(np.float64)
    gram = (matrix.T @ matrix).toarray()
    gram[np.diag_indices(items)] += regularization
    inverse = np.linalg.inv(gram)
    weights = (-inverse / np.diag(inverse)).astype(np.float32)
    weights[np.diag_indices(items)] = 0.0
    return Weighted(weights)


def memory_mb(items: int) -> float:
    """What fitting takes at its peak: the Gram matrix, its inverse and the weights, in 64 bits."""
    return 3 * 8 * items**2 / 2**20
