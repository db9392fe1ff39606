"""Softmax regression over dense and sparse features together."""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize


def fit_softmax(
    dense: np.ndarray, sparse: sp.csr_matrix, labels: np.ndarray, *, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (dim, classes) and (columns, classes), after `steps` of L-BFGS with an L2 penalty of 1/2.

    How long the rows of `dense` and `sparse` are says how freely each may be used. `labels` are
    0..classes-1, each used at least once.
    """
    dim, classes = dense.shape[1], int(labels.max()) + 1
    dense_t, sparse_t, rows = np.ascontiguousarray(dense.T), sparse.T.tocsr(), np.arange(len(labels))

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.astype(np.float32).reshape(-1, classes)
        logits = dense @ weights[:dim] + sparse @ weights[dim:]
        logits -= logits.max(axis=1, keepdims=True)
        of_label = logits[rows, labels]
        chances = np.exp(logits, out=logits)
        sums = chances.sum(axis=1, keepdims=True)
        value = float(np.log(sums).sum() - of_label.sum() + np.vdot(weights, weights) / 2)
        chances /= sums
        chances[rows, labels] -= 1
        gradient = np.vstack([dense_t @ chances, sparse_t @ chances]) + weights
        return value, gradient.ravel().astype(np.float64)

    start = np.zeros((dim + sparse.shape[1]) * classes)
    options = {"maxiter": steps, "maxcor": 6}
    weights = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    weights = weights.astype(np.float32).reshape(-1, classes)
    return weights[:dim], weights[dim:]
