"""Which pairs are learned from together, in which order: batches of about equal work, of equal length."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

# How often a pair is seen in a round, on average. Two thirds of the pairs are software documentation, which is
# learned soon; everyday sentences are closer to what people ask.
REPEATS = {
    "tatoeba": 3,
    "3am": 2,
    "opensource-guide": 2,
    "phrases": 8,
    "python-docs": 0.35,
    "django-docs": 0.35,
}
MAX_PAIRS = 512


@dataclass(frozen=True)
class Tokens:
    """Token ids of many texts, one after another: text i is ids[starts[i]:starts[i + 1]]."""

    ids: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, texts: list[list[int]]) -> "Tokens":
        lengths = [len(ids) for ids in texts]
        return cls(np.fromiter((i for ids in texts for i in ids), np.int32), np.cumsum([0, *lengths]))

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def padded(self, rows: np.ndarray) -> dict[str, torch.Tensor]:
        """The texts of `rows` as a model's input, filled up with zeros ([PAD])."""
        ids = np.zeros((len(rows), self.lengths[rows].max()), np.int64)
        for line, row in zip(ids, rows, strict=True):
            line[: self.starts[row + 1] - self.starts[row]] = self.ids[
                self.starts[row] : self.starts[row + 1]
            ]
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy((ids > 0).astype(np.int64)),
        }


def batches(source: list[str], lengths: np.ndarray, *, tokens: int, seed: int) -> Iterator[np.ndarray]:
    """Row numbers of pairs, batch after batch, round after round, for ever.

    A batch holds about `tokens` Chinese tokens of texts of about the same length, and at most MAX_PAIRS pairs.
    """
    repeats = np.array([REPEATS.get(name, 1) for name in source])
    round_number = 0
    while True:
        rng = np.random.default_rng((seed, round_number))
        times = np.floor(repeats + rng.uniform(0, 1, len(source))).astype(int)
        rows = np.repeat(np.arange(len(source)), times)
        rows = rows[np.argsort(lengths[rows] + rng.uniform(0, 1.5, len(rows)), kind="stable")]
        cuts = _cut(lengths[rows], tokens)
        for i in rng.permutation(len(cuts) - 1):
            yield np.unique(rows[cuts[i] : cuts[i + 1]])
        round_number += 1


def _cut(lengths: np.ndarray, tokens: int) -> list[int]:
    """Where to cut rows sorted by length so that rows times the longest stays below `tokens`."""
    cuts = [0]
    for i, length in enumerate(lengths):
        if (i + 1 - cuts[-1]) * length > tokens or i - cuts[-1] >= MAX_PAIRS:
            cuts.append(i)
    return [*cuts, len(lengths)]
