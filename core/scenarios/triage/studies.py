"""What is known of one picture on the worklist. File names and pixels live here, and nowhere beyond the session."""

import io
import secrets
import statistics
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from PIL import Image

from core.errors import N_, DemoError
from core.pictures.colour import colourfulness
from core.pictures.dicom import StrippedTag
from core.types import ModelUse

FINDING = "pneumonia-like opacity"
# Of a study without a refusal and without a reading.
NOT_REACHED = N_("Not reached before the work was stopped.")


class Band(StrEnum):
    """Where a score lies against the operating point."""

    LIKELY = "likely"
    NOT_SURE = "not sure"
    UNLIKELY = "unlikely"


class Priority(StrEnum):
    """How soon a person should look; the worklist has them in this order."""

    URGENT = "urgent"
    PERSON = "needs a person"
    SOON = "soon"
    ROUTINE = "routine"


@dataclass(frozen=True)
class Refusal:
    """Why the model was not asked; the error says it in a sentence."""

    code: str
    error: DemoError


@dataclass(frozen=True)
class Part:
    """One of the patterns that a finding is made of, with its share of the score."""

    name: str
    score: float


@dataclass(frozen=True)
class Spread:
    """The scores of the same picture, slightly moved, turned and with other contrast."""

    scores: tuple[float, ...]

    @property
    def lowest(self) -> float:
        return min(self.scores)

    @property
    def highest(self) -> float:
        return max(self.scores)

    @property
    def deviation(self) -> float:
        return statistics.pstdev(self.scores)


@dataclass(frozen=True)
class Reading:
    """What the model made of a picture, whatever the operating point."""

    score: float
    """Of the finding, a calibrated probability: the sum of its parts."""
    parts: tuple[Part, ...]
    target: int
    """The number of the likeliest part's label: what a heat map explains."""
    spread: Spread
    energy: float
    """log sum exp of the logits: tells answers apart whose scores have reached 0 and 1."""
    model: ModelUse
    revision: str


@dataclass(frozen=True, eq=False)
class Study:
    """One picture, or one file that is none; without a refusal there is a reading."""

    name: str = field(repr=False)
    """What the visitor calls it. It may hold a patient's name: never stored, never logged."""
    study_id: str = field(default_factory=lambda: secrets.token_hex(6))
    png: bytes | None = field(default=None, repr=False)
    """The picture, shrunk for work; None for a file that could not be read."""
    width_px: int = 0
    """As uploaded."""
    height_px: int = 0
    note: str = ""
    """A sentence to translate: something of the file was left out."""
    stripped: tuple[StrippedTag, ...] = field(default=(), repr=False)
    refusal: Refusal | None = None
    reading: Reading | None = None

    @property
    def stripped_names(self) -> tuple[str, ...]:
        """What the attributes that were left behind are called; private ones by their number."""
        return tuple(tag.keyword or tag.tag for tag in self.stripped)

    @property
    def pixels(self) -> np.ndarray:
        """uint8 RGB (height, width, 3), unpacked each time: a worklist of arrays would be too much to keep."""
        return np.asarray(Image.open(io.BytesIO(self.png)).convert("RGB"))


def packed(pixels: np.ndarray) -> bytes:
    """The pixels as PNG, without loss."""
    out = io.BytesIO()
    # X-rays are grey: a third to pack.
    grey = pixels if colourfulness(pixels).any() else pixels[:, :, 0]
    Image.fromarray(grey).save(out, "PNG", compress_level=1)
    return out.getvalue()
