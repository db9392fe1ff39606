"""A small classifier over vectors and words, for entries that come with several example questions."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

from core.blas import blas_threads
from core.scenarios.customer_service.centres import Centres
from core.scenarios.customer_service.lexical import SparseFeatures, all_features, word_features
from core.scenarios.customer_service.softmax import fit_softmax

# An entry is learnt from this many examples (all languages) on, given this many such entries; with
# fewer, neighbours do as well.
MIN_EXAMPLES = 6
MIN_CLASSES = 5
# Rows times classes: 15,000 x 150 take 8 s on one core. Beyond it only every n-th example of an entry is learnt from.
MAX_CELLS = 2_500_000
MAX_CLASSES = 400  # at which fitting takes some 300 MB
# What an answer says is often what is asked for, so that up to so many of its sentences are examples as well.
SENTENCES = 12
# Letters make up for few examples; with many, words are as good and several times faster.
LETTER_ROWS = 8000
STEPS = 25
# Lengths of the rows learnt from, chosen on the validation part of CLINC150 (words) and on
# assets/knowledge_bases/calibration.csv (letters).
VECTOR_LENGTH = np.float32(4.0)
WORD_LENGTH = 2.5
LETTER_LENGTH = 5.0

# How much the cosine of a group's nearest text counts beside its logit. Chosen on questions of the sample
# knowledge base whose author wrote none of those learnt from: 0.5 to 1 point more of them are found than with 0.
NEAREST_WEIGHT = 3.0
# Every fifth class is hidden to calibrate; at a confidence of 0.5 this share of its questions would be refused.
# On CLINC150's validation part and assets/knowledge_bases/calibration.csv that refuses 90 to 96 % of the
# questions out of scope.
HIDDEN_CLASSES = 5
HIDDEN_ENOUGH = 600  # questions
HIDDEN_REFUSED = 0.75
CALIBRATION_STEPS = 15


@dataclass(frozen=True)
class Examples:
    """Texts with their vectors (texts, dim) and the number of the group that each belongs to, never falling."""

    texts: list[str]
    vectors: np.ndarray
    owners: np.ndarray

    def thinned(self, groups: np.ndarray, most: int) -> "Examples":
        """Those of the `groups`, but only every n-th where a group has more than `most`."""
        by_group = [np.flatnonzero(self.owners == group) for group in groups]
        rows = np.concatenate([group[:: max(1, -(-len(group) // most))] for group in by_group])
        return Examples([self.texts[row] for row in rows], self.vectors[rows], self.owners[rows])


class Head:
    """Softmax regression over the groups with many examples, and the confidence that its choice is right.

    What a confidence of 0.5 means is fitted on the examples themselves: some groups are hidden from a
    first fit, and their questions stand for those that nobody can answer.
    """

    def __init__(self, asked: Examples, said: Examples) -> None:
        """`asked` are questions, and `said` sentences of the answers, of the same groups."""
        texts, vectors = asked.texts + said.texts, np.concatenate([asked.vectors, said.vectors])
        self.groups, labels = np.unique(np.concatenate([asked.owners, said.owners]), return_inverse=True)
        if len(texts) <= LETTER_ROWS:
            self._features = SparseFeatures(texts, all_features, length=LETTER_LENGTH)
        else:
            self._features = SparseFeatures(texts, word_features, length=WORD_LENGTH)
        self._centres = Centres(texts, vectors)
        dense, sparse = VECTOR_LENGTH * self._centres.spread(texts, vectors), self._features.rows(texts)
        self._middle = _fit_middle(vectors, dense, sparse, labels, len(asked.texts))
        by_vector, self._by_feature = fit_softmax(dense, sparse, labels, steps=STEPS)
        self._by_vector = np.ascontiguousarray(by_vector.T)

    def logits(self, question: str, vector: np.ndarray) -> np.ndarray:
        """A number for each of `groups`: larger is likelier, comparable between questions."""
        columns, values = self._features.row(question)
        dense = VECTOR_LENGTH * self._centres.spread([question], vector[None])[0]
        # Neither product goes through BLAS, whose threads would be in everybody's way (search.ALONE_ROWS).
        by_word = np.einsum("w,wg->g", values, self._by_feature[columns])
        return np.vecdot(self._by_vector, dense) + by_word

    def confidence(self, logits: np.ndarray, nearest: np.ndarray, *, doubt: float = 0.0) -> np.ndarray:
        """How sure the head is of each of `groups`, in [0, 1].

        `nearest` is the cosine of the nearest example of each; `doubt` lowers every confidence.
        """
        return expit(logits + NEAREST_WEIGHT * nearest - self._middle - doubt)


def fit_head(asked: Examples, said: Examples) -> Head | None:
    """A head over the groups that have many questions; None where such groups are too few or too many."""
    learnt = np.flatnonzero(np.bincount(asked.owners) >= MIN_EXAMPLES)
    if not MIN_CLASSES <= len(learnt) <= MAX_CLASSES:
        return None
    most = MAX_CELLS // len(learnt) ** 2
    # The products are small: more threads would wait for each other, and take the cores from the models.
    with blas_threads(1):
        return Head(asked.thinned(learnt, most), said.thinned(learnt, min(SENTENCES, most // 3)))


def _fit_middle(
    vectors: np.ndarray, dense: np.ndarray, sparse: sp.csr_matrix, labels: np.ndarray, questions: int
) -> float:
    """The weighted sum of logit and nearest cosine that HIDDEN_REFUSED of the hidden questions stay below.

    The first `questions` rows may be hidden ones. Hidden classes take turns, a fifth in each of the first
    fits, until there are enough hidden questions.
    """
    turns = np.random.default_rng(0).permutation(int(labels.max()) + 1) % HIDDEN_CLASSES
    sums: list[np.ndarray] = []
    for turn in range(HIDDEN_CLASSES):
        if sum(map(len, sums)) >= HIDDEN_ENOUGH:
            break
        hidden, kept = (
            np.flatnonzero(turns[labels[:questions]] == turn),
            np.flatnonzero(turns[labels] != turn),
        )
        hidden = hidden[:: max(1, len(hidden) // HIDDEN_ENOUGH)]
        kept = kept[np.argsort(labels[kept], kind="stable")]
        _, starts, kept_labels = np.unique(labels[kept], return_index=True, return_inverse=True)
        by_dense, by_sparse = fit_softmax(dense[kept], sparse[kept], kept_labels, steps=CALIBRATION_STEPS)
        logits = dense[hidden] @ by_dense + sparse[hidden] @ by_sparse
        nearest = _nearest(vectors[hidden], vectors[kept], starts)
        sums.append((logits + NEAREST_WEIGHT * nearest).max(axis=1))
    return float(np.quantile(np.concatenate(sums), HIDDEN_REFUSED))


def _nearest(questions: np.ndarray, examples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The highest cosine of each question in each group, in slices that bound the memory.

    `starts`: where each group's examples start.
    """
    slices = (questions[at : at + 256] @ examples.T for at in range(0, len(questions), 256))
    return np.concatenate([np.maximum.reduceat(cosines, starts, axis=1) for cosines in slices])
