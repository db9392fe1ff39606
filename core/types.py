"""The plain values that travel between engines, scenarios and the front doors."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np


class Tier(StrEnum):
    """How a model comes to the visitor: shipped with the project, from the hub, or from elsewhere."""

    STARTER = "starter"
    HUB = "hub"
    REMOTE = "remote"


@dataclass(frozen=True)
class Progress:
    """How far a long piece of work is: `done` of `total`, counted in `unit` ("bytes", "rows" ...)."""

    done: int
    total: int
    unit: str

    @property
    def fraction(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True)
class ModelUse:
    """Which model gave a result, where, and how long it took: what the badge shows."""

    model_id: str
    tier: Tier
    device: str
    elapsed_ms: float


@dataclass(frozen=True)
class EmbeddingItem:
    """A text to embed; some models tell questions from passages."""

    text: str
    is_query: bool = False


@dataclass(frozen=True)
class TranslationItem:
    """A sentence to translate, or a short paragraph; `n_best` translations are wanted."""

    text: str
    source: str
    target: str
    n_best: int = 1


@dataclass(frozen=True)
class Hypothesis:
    """One translation; `score` is the mean log-probability of its tokens."""

    text: str
    score: float


@dataclass(frozen=True)
class ChatMessage:
    """One turn of a conversation with a writer; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class GenerationOptions:
    """How a text is drawn from the model; temperature 0 always takes the likeliest token."""

    max_new_tokens: int = 200
    temperature: float = 0.7
    top_p: float = 0.95
    seed: int = 0
    stop: tuple[str, ...] = ()
    """The text ends before the first of these."""


@dataclass(frozen=True)
class GenerationItem:
    """What a writer is to answer, and how."""

    messages: tuple[ChatMessage, ...]
    options: GenerationOptions = GenerationOptions()


@dataclass(frozen=True)
class Generation:
    """A text that is finished; `finish_reason` is "stop", "length" or "cancelled"."""

    text: str
    finish_reason: str
    tokens: int


# A map takes some twenty times what a plain look does; others wait for the whole batch.
EXPLAINED_WEIGHT = 16


@dataclass(frozen=True, eq=False)
class ImageItem:
    """A picture to look at: `pixels` is uint8 RGB of shape (height, width, 3); the engine brings it to its size."""

    pixels: np.ndarray
    wants_saliency: bool = False
    target: int | None = None
    """The label that the saliency explains, by its number; None for the likeliest."""
    labels: tuple[str, ...] = ()
    """What to choose from, for models that take labels; other models know their own."""

    @property
    def weight(self) -> int:
        """How many plain pictures it takes the place of in a batch."""
        return EXPLAINED_WEIGHT if self.wants_saliency else 1


@dataclass(frozen=True, eq=False)
class ImageScores:
    """What a model makes of one picture; `scores` are calibrated probabilities, one per label, that sum to 1."""

    labels: tuple[str, ...]
    scores: np.ndarray
    energy: float
    """log sum exp of the logits: low for a picture unlike those learned from (Liu et al. 2020)."""
    features: np.ndarray | None = None
    """The vector before the last layer, float32 (dim,)."""
    saliency: np.ndarray | None = None
    """How much each place speaks for the label, float32 in 0..1 of shape (rows, columns), over `seen`."""
    seen: np.ndarray | None = None
    """The pixels that the network looked at, uint8 RGB (height, width, 3): shrunk, cut out. With saliency only."""


@dataclass(frozen=True)
class Step:
    """What one step added to one answer: the text that is new, and the whole answer once there is one."""

    text: str = ""
    end: Any = None
