"""What is said of one picture."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.scenarios.deletion import DeletionCheck
from core.types import ModelUse


class Verdict(StrEnum):
    """Whether the picture is like those that the model learned from."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNCHECKED = "unchecked"
    """The model came without a threshold for this, or the labels are the visitor's own."""


@dataclass(frozen=True)
class Label:
    """A label and how sure the model is of it, in 0..1."""

    name: str
    score: float


@dataclass(frozen=True)
class Classified:
    """A picture that was looked at; `labels` are the likeliest, best first."""

    name: str
    width_px: int
    height_px: int
    labels: tuple[Label, ...]
    verdict: Verdict
    likeness: float
    """What the verdict goes by: the energy, or with taught classes the cosine to the nearest example."""
    unknown_below: float | None
    """The likeness under which the verdict is "unknown"."""
    model: ModelUse
    thumbnail: str
    """A small JPEG as a data: address; "" where none was asked for."""

    @property
    def best(self) -> Label:
        return self.labels[0]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where the model looked for one label, and whether that is true of it."""

    label: Label
    seen: np.ndarray
    saliency: np.ndarray
    check: DeletionCheck
