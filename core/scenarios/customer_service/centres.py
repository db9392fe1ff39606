"""Vectors of each language moved around their own centre, where those of an embedder have one in common."""

from collections.abc import Sequence

import numpy as np

from core.language import language_of

# Fewer texts than this say little about where a language lies; they are measured from the centre of all.
MIN_TEXTS = 50


class Centres:
    """The mean vector of each language's texts.

    Two embedders of one space place a language a little apart from the other, and some embedders keep all
    texts in a narrow cone; without what is common to them, texts are told apart as easily as anywhere.
    """

    def __init__(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        languages = np.array([language_of(text) for text in texts])
        self._of_all = vectors.mean(axis=0)
        self._by_language = {
            str(language): vectors[languages == language].mean(axis=0)
            for language, count in zip(*np.unique(languages, return_counts=True), strict=True)
            if count >= MIN_TEXTS
        }

    def spread(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """The vectors (texts, dim) around the centre of their language, again of length one."""
        centres = [self._by_language.get(language_of(text), self._of_all) for text in texts]
        moved = vectors - np.stack(centres)
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), np.float32(1e-6))
