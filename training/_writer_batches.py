"""Samples as tokens on disk, and which of them are learned from together."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from core.scenarios.content.brief import messages
from training._writer_samples import Sample
from training._writer_tokenizer import ASSISTANT, END, MAX_LENGTH, USER

CHUNK = 4096  # samples that are sorted by length among themselves
STEP = 16  # lengths are rounded up to this: matrix products of odd sizes are slower


@dataclass(frozen=True)
class Tokens:
    """Sample i is ids[starts[i]:starts[i + 1]]; its first `asked[i]` tokens are the brief, which isn't learned."""

    ids: np.ndarray
    starts: np.ndarray
    asked: np.ndarray

    @classmethod
    def of(cls, samples: list[Sample], tokenizer: PreTrainedTokenizerFast) -> "Tokens":
        asked = [_prompt(sample) for sample in samples]
        whole = [prompt + sample.text + END for prompt, sample in zip(asked, samples, strict=True)]
        rows = tokenizer(whole, add_special_tokens=False).input_ids
        counts = [len(row) for row in tokenizer(asked, add_special_tokens=False).input_ids]
        kept = [
            (row[:MAX_LENGTH], count) for row, count in zip(rows, counts, strict=True) if count < MAX_LENGTH
        ]
        ids = np.fromiter((i for row, _ in kept for i in row), np.int32)
        return cls(ids, np.cumsum([0, *(len(row) for row, _ in kept)]), np.array([n for _, n in kept]))

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def save(self, path: Path) -> None:
        save_file({"ids": self.ids, "starts": self.starts, "asked": self.asked}, path)

    @classmethod
    def load(cls, path: Path) -> "Tokens":
        return cls(**load_file(path))

    def padded(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """Input ids and the wanted next tokens of `rows`, filled up on the right; -100 where none is wanted."""
        width = rounded_up(int(self.lengths[rows].max()), STEP)
        ids = np.zeros((len(rows), width), np.int64)
        wanted = np.full((len(rows), width), -100, np.int64)
        for line, goal, row in zip(ids, wanted, rows, strict=True):
            text = self.ids[self.starts[row] : self.starts[row + 1]]
            line[: len(text)] = text
            first = self.asked[row] - 1
            goal[first : len(text) - 1] = text[first + 1 :]
        return torch.from_numpy(ids), torch.from_numpy(wanted)


def batches(lengths: np.ndarray, *, tokens: int, seed: int) -> Iterator[np.ndarray]:
    """Row numbers of about `tokens` tokens each, of about equal length, round after round, for ever."""
    round_number = 0
    while True:
        rng = np.random.default_rng((seed, round_number))
        order = rng.permutation(len(lengths))
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
            cuts = _cut(lengths[chunk], tokens)
            for i in rng.permutation(len(cuts) - 1):
                yield chunk[cuts[i] : cuts[i + 1]]
        round_number += 1


def _cut(lengths: np.ndarray, tokens: int) -> list[int]:
    """Where to cut rows sorted by length: each width has its own number of rows, so that shapes come again."""
    cuts = [0]
    for i, length in enumerate(lengths):
        if (i + 1 - cuts[-1]) * rounded_up(int(length), STEP) > tokens and i > cuts[-1]:
            cuts.append(i)
    return [*cuts, len(lengths)]


def rounded_up(number: int, step: int) -> int:
    return -(-number // step) * step


def _prompt(sample: Sample) -> str:
    """What stands before the text: the brief in the words that the page asks in, or nothing for plain English."""
    if sample.brief is None:
        return ASSISTANT
    return f"{USER}{messages(sample.brief)[0].content}{END}{ASSISTANT}"
