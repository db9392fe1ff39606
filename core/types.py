"""The plain values that travel between engines, scenarios and the front doors."""

from dataclasses import dataclass
from enum import StrEnum


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
