"""A small classifier over vectors and words, for entries that come with many example questions."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from core.scenarios.customer_service.lexical import WordFeatures
from core.scenarios.customer_service.search import GroupedVectors
from core.scenarios.customer_service.softmax import fit_softmax

# A head needs this many examples of an entry, and this many such entries; below, neighbours do as well.
MIN_EXAMPLES = 8
MIN_CLASSES = 5
# Rows times classes: 15,000 x 150 take 8 s on two cores. Above it only every n-th example is learnt from.
MAX_CELLS = 2_500_000
STEPS = 25
CALIBRATION_STEPS = 15
CALIBRATION_ROWS = 2000
HIDDEN_SHARE = 5  # every fifth
# Hidden classes lie closer to the others than what visitors ask out of scope, so they weigh less.
WEIGHT_OF_RIGHT = 0.7


class Head:
    """Softmax regression over the groups with many examples, and the confidence that its choice is right.

    The confidence is fitted on the examples themselves: a fifth of the groups is hidden from a first
    fit and stands for questions that nobody can answer, a fifth of the other rows for those that can be.
    """

    def __init__(self, texts: Sequence[str], vectors: np.ndarray, owners: np.ndarray) -> None:
        """`owners`: the group of each text and vector."""
        self.groups, labels = np.unique(owners, return_inverse=True)
        self._words = WordFeatures(texts)
        words = self._words.rows(texts)
        self._confidence = _fit_confidence(vectors, words, labels)
        self._by_vector, self._by_word = fit_softmax(vectors, words, labels, steps=STEPS)

    def logits(self, question: str, vector: np.ndarray) -> np.ndarray:
        """A number for each of `groups`: larger is likelier, comparable between questions."""
        columns, values = self._words.row(question)
        return vector @ self._by_vector + values @ self._by_word[columns]

    def confidence(self, logits: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """The chance of each of `groups`, in [0, 1], from its logit and the cosine of its nearest example."""
        by_logit, by_cosine, bias = self._confidence
        return 1 / (1 + np.exp(-(by_logit * logits + by_cosine * cosines + bias)))


def fit_head(texts: Sequence[str], examples: GroupedVectors) -> Head | None:
    """A head over the groups of `examples` that have many of them; None where there are too few such groups.

    `texts` are the rows of `examples` in words.
    """
    counts = examples.counts()
    learnt = np.flatnonzero(counts >= MIN_EXAMPLES)
    step = -(-int(counts[learnt].sum()) * len(learnt) // MAX_CELLS)
    if len(learnt) < MIN_CLASSES or counts[learnt].min() < step * MIN_EXAMPLES:
        return None
    rows = np.concatenate([np.array(examples.rows(group))[::step] for group in learnt])
    return Head([texts[row] for row in rows], examples.vectors[rows], examples.owners[rows])


def _fit_confidence(
    vectors: np.ndarray, words: sp.csr_matrix, labels: np.ndarray
) -> tuple[float, float, float]:
    """Weights of logit and cosine, and the bias, that tell right answers from hidden classes."""
    draw = np.random.default_rng(0)
    classes = int(labels.max()) + 1
    is_hidden = np.isin(labels, draw.permutation(classes)[: classes // HIDDEN_SHARE])
    is_held = ~is_hidden & (draw.permutation(len(labels)) % HIDDEN_SHARE == 0)
    kept = np.flatnonzero(~is_hidden & ~is_held)
    names, kept_labels = np.unique(labels[kept], return_inverse=True)
    by_vector, by_word = fit_softmax(vectors[kept], words[kept], kept_labels, steps=CALIBRATION_STEPS)

    asked = np.concatenate(
        [draw.permutation(np.flatnonzero(part))[:CALIBRATION_ROWS] for part in (is_held, is_hidden)]
    )
    logits = vectors[asked] @ by_vector + words[asked] @ by_word
    best = logits.argmax(axis=1)
    cosines = _cosines_to_class(vectors[asked], best, vectors[kept], kept_labels)
    is_right = names[best] == labels[asked]
    if not is_right.any():  # the hidden classes are never right, so the other extreme cannot be
        return 0.0, 0.0, 0.0
    weights = {True: WEIGHT_OF_RIGHT / is_right.mean(), False: (1 - WEIGHT_OF_RIGHT) / (~is_right).mean()}
    model = LogisticRegression(class_weight=weights)
    model.fit(np.stack([logits.max(axis=1), cosines], axis=1), is_right)
    return float(model.coef_[0, 0]), float(model.coef_[0, 1]), float(model.intercept_[0])


def _cosines_to_class(
    questions: np.ndarray, classes: np.ndarray, examples: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """For each question, the highest cosine among the examples of the class it was given."""
    parts = [
        np.where(labels == classes[at : at + 256, None], questions[at : at + 256] @ examples.T, -1).max(
            axis=1
        )
        for at in range(0, len(questions), 256)
    ]
    return np.concatenate(parts)
