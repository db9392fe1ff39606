"""Words and character n-grams: what a text says letter by letter, where vectors see only its meaning."""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

BUCKETS = 4096  # a power of two; fewer than the features of 15,000 questions, so that the head stays small
# A question's letters are looked up among at most this many texts per feature, and this far into a text.
MAX_POSTINGS = 2000
MAX_CHARS = 500
_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\d_a-z]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def tokens(text: str) -> list[str]:
    """Lower-case words, and Han characters one by one."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


def word_features(text: str) -> list[str]:
    """Single tokens and pairs of neighbours."""
    words = tokens(text)
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]


def letter_features(text: str) -> list[str]:
    """Words with their 3- and 4-letter pieces, and Han characters with their pairs: typos keep most of them."""
    features: list[str] = []
    words = tokens(text)
    for word in words:
        features.append(word)
        if not _HAN.match(word):
            padded = f"<{word}>"
            features += [padded[i : i + size] for size in (3, 4) for i in range(len(padded) - size + 1)]
    features += ["".join(pair) for pair in zip(words, words[1:], strict=False) if all(map(_HAN.match, pair))]
    return features


def all_features(text: str) -> list[str]:
    """Words, pairs of words, and the pieces of words."""
    return letter_features(text) + word_features(text)


class SparseFeatures:
    """Texts as sparse rows of BUCKETS columns; features that the fitted texts never had count nothing."""

    def __init__(self, texts: Sequence[str], features: Callable[[str], list[str]], *, length: float) -> None:
        """`features`: word_features or all_features; `length`: of each row."""
        self._features, self._length = features, length
        seen = Counter(feature for text in texts for feature in set(features(text)))
        self._weights = {
            feature: (zlib.crc32(feature.encode()), np.log((1 + len(texts)) / (1 + count)) + 1)
            for feature, count in seen.items()
        }

    def rows(self, texts: Sequence[str]) -> sp.csr_matrix:
        parts = [self.row(text) for text in texts]
        indptr = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in parts])])
        columns = np.concatenate([columns for columns, _ in parts])
        values = np.concatenate([values for _, values in parts])
        return sp.csr_matrix((values, columns, indptr), shape=(len(parts), BUCKETS), dtype=np.float32)

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and signed tf-idf values; both empty when no word is known."""
        known = [self._weights[feature] for feature in set(self._features(text)) if feature in self._weights]
        columns = np.array([code % BUCKETS for code, _ in known], dtype=np.int32)
        values = np.array([weight if code >> 16 & 1 else -weight for code, weight in known], dtype=np.float32)
        return columns, values * np.float32(self._length / max(float(np.linalg.norm(values)), 1e-9))


class LetterIndex:
    """Cosine of tf-idf weighted letter features between a question and every text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._numbers: dict[str, int] = {}
        columns, counts, sizes = [], [], []
        for text in texts:
            features = Counter(letter_features(text[:MAX_CHARS]))
            columns += [self._numbers.setdefault(feature, len(self._numbers)) for feature in features]
            counts += features.values()
            sizes.append(len(features))
        columns, rows = (
            np.array(columns, dtype=np.int32),
            np.repeat(np.arange(self._size, dtype=np.int32), sizes),
        )
        frequencies = np.bincount(columns, minlength=len(self._numbers))
        self._idf = np.log((1 + self._size) / (1 + frequencies)) + 1
        values = (1 + np.log(counts)) * self._idf[columns]
        values /= np.sqrt(np.bincount(rows, weights=values**2, minlength=self._size))[rows]
        # Postings: the texts of each feature side by side. What is everywhere says little and costs most.
        order = np.argsort(columns, kind="stable")
        order = order[(frequencies <= MAX_POSTINGS)[columns[order]]]
        self._rows, self._values = rows[order], values[order].astype(np.float32)
        self._bounds = np.searchsorted(columns[order], np.arange(len(self._numbers) + 1))

    def scores(self, question: str) -> np.ndarray:
        """One cosine in [0, 1] per text; what no text has makes the question longer, and so counts against it."""
        features = Counter(letter_features(question[:MAX_CHARS])) if self._size else {}
        known = {self._numbers[name]: count for name, count in features.items() if name in self._numbers}
        unknown = [count for name, count in features.items() if name not in self._numbers]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        numbers = np.array(list(known))
        values = (1 + np.log(list(known.values()))) * self._idf[numbers]
        strange = (1 + np.log(unknown)) * self._idf.max()
        length = np.sqrt(values @ values + strange @ strange)
        postings = [slice(*self._bounds[number : number + 2]) for number in numbers]
        rows = np.concatenate([self._rows[posting] for posting in postings])
        weights = np.concatenate(
            [self._values[posting] * value for posting, value in zip(postings, values / length, strict=True)]
        )
        return np.bincount(rows, weights=weights, minlength=self._size).astype(np.float32)
