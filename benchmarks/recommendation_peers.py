"""What our recommenders are compared with: the library `implicit` through its own API, and plain implementations.

Nothing here uses core's recommenders: only the matrix of users x items is shared.
"""

from collections.abc import Iterator

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from scipy import sparse


def als_lists(
    matrix: sparse.csr_array, *, factors: int, regularization: float, alpha: float, seed: int, k: int
) -> np.ndarray:
    """(users, k) item numbers by implicit's ALS, with its defaults in everything that is not named here."""
    model = AlternatingLeastSquares(
        factors=factors, regularization=regularization, alpha=alpha, random_state=seed
    )
    return _lists(model, matrix, k)


def cosine_lists(matrix: sparse.csr_array, *, neighbours: int, k: int) -> np.ndarray:
    """(users, k) item numbers by implicit's item-kNN on the cosine."""
    return _lists(CosineRecommender(K=neighbours), matrix, k)


def _lists(
    model: AlternatingLeastSquares | CosineRecommender, matrix: sparse.csr_array, k: int
) -> np.ndarray:
    rows = sparse.csr_matrix(matrix)
    model.fit(rows, show_progress=False)
    ids, _scores = model.recommend(np.arange(rows.shape[0]), rows, N=k, filter_already_liked_items=True)
    return ids


def ease_scores(matrix: sparse.csr_array, *, regularization: float) -> np.ndarray:
    """(users, items) of EASE as in the listing of Steck 2019: dense, in one go."""
    taken = matrix.toarray().astype(np.float64)
    gram = taken.T @ taken
    gram[np.diag_indices(len(gram))] += regularization
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    weights[np.diag_indices(len(weights))] = 0.0
    return taken @ weights


def ease_scores_by_users(
    matrix: sparse.csr_array, regularizations: tuple[float, ...]
) -> Iterator[tuple[float, np.ndarray]]:
    """The same scores for several regularizations, where there are fewer users than items (Woodbury's identity).

    With X = U S V', the inverse of X'X + r is (1 - V D V') / r where D = s^2 / (s^2 + r).
    """
    taken = matrix.toarray().astype(np.float64)
    _left, values, right = np.linalg.svd(taken, full_matrices=False)
    projected = taken @ right.T
    for regularization in regularizations:
        shrink = values**2 / (values**2 + regularization)
        inverse_rows = (taken - (projected * shrink) @ right) / regularization
        diagonal = (1 - (right**2 * shrink[:, None]).sum(axis=0)) / regularization
        yield regularization, taken - inverse_rows / diagonal


def co_purchase_scores(matrix: sparse.csr_array, *, shrinkage: float) -> sparse.csr_array:
    """(users, items): the sum over what a user took of the cosines of two items' columns, shrunk."""
    together = sparse.coo_array(matrix.T @ matrix)
    norms = np.sqrt(np.asarray(matrix.sum(axis=0)).ravel())
    rows, columns = together.coords
    values = together.data / (norms[rows] * norms[columns] + shrinkage)
    return matrix @ sparse.csr_array((values, (rows, columns)), shape=together.shape)
