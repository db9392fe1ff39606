"""Classes that a visitor taught by a few pictures each, and how a new picture is judged by them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class HeldOut:
    """How well the classes are told apart, each example judged by a fit that did not see it."""

    right: int
    total: int
    rounds: int
    """As many as examples: each was left out alone. Fewer: a group of them at a time."""

    @property
    def accuracy(self) -> float:
        return self.right / self.total

    @property
    def is_one_by_one(self) -> bool:
        return self.rounds == self.total


@dataclass(frozen=True, eq=False)
class Taught:
    """Logistic regression over a model's features; `examples` (count, dim) have length one."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    """Examples of each class."""
    model_id: str
    examples: np.ndarray
    weights: np.ndarray
    """(classes, dim)"""
    biases: np.ndarray
    unknown_below: float
    """The cosine to the nearest example under which a picture counts as none of the classes."""
    held_out: HeldOut

    @property
    def size_bytes(self) -> int:
        return self.examples.nbytes + self.weights.nbytes + self.biases.nbytes

    def judge(self, features: np.ndarray) -> tuple[np.ndarray, float]:
        """The chance of each class, and the cosine to the nearest example."""
        vector = unit(features)
        logits = self.weights @ vector + self.biases
        chances = np.exp(logits - logits.max())
        return chances / chances.sum(), float((self.examples @ vector).max())


def unit(features: np.ndarray) -> np.ndarray:
    """The vectors, one or many, with length one."""
    lengths = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.maximum(lengths, 1e-12)
