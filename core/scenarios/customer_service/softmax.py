"""Softmax regression over dense vectors and sparse words together."""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

# Chosen on the validation part of CLINC150; the scales say how freely a feature may be used.
VECTOR_SCALE = np.float32(4.0)
WORD_SCALE = np.float32(2.5)
PENALTY = np.float32(1.0)


def fit_softmax(
    vectors: np.ndarray, words: sp.csr_matrix, labels: np.ndarray, *, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (dim, classes) and (words, classes), after `steps` of L-BFGS with an L2 penalty.

    `labels` are 0..classes-1, each used at least once.
    """
    dim, classes = vectors.shape[1], int(labels.max()) + 1
    dense, sparse = vectors * VECTOR_SCALE, words * WORD_SCALE
    dense_t, sparse_t, rows = np.ascontiguousarray(dense.T), sparse.T.tocsr(), np.arange(len(labels))

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.astype(np.float32).reshape(-1, classes)
        logits = dense @ weights[:dim] + sparse @ weights[dim:]
        logits -= logits.max(axis=1, keepdims=True)
        of_label = logits[rows, labels]
        chances = np.exp(logits, out=logits)
        sums = chances.sum(axis=1, keepdims=True)
        value = float(np.log(sums).sum() - of_label.sum() + PENALTY / 2 * np.vdot(weights, weights))
        chances /= sums
        chances[rows, labels] -= 1
        gradient = np.vstack([dense_t @ chances, sparse_t @ chances]) + weights * PENALTY
        return value, gradient.ravel().astype(np.float64)

    start = np.zeros((dim + words.shape[1]) * classes)
    options = {"maxiter": steps, "maxcor": 6}
    weights = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    weights = weights.astype(np.float32).reshape(-1, classes)
    return weights[:dim] * VECTOR_SCALE, weights[dim:] * WORD_SCALE
