"""From a model's labels to the finding, and from its score to a band, by a chosen operating point."""

import math
from dataclasses import dataclass

import numpy as np

from core.calibration import Calibration, OperatingPoint
from core.errors import N_, InvalidInputError
from core.scenarios.triage.studies import Band, Part
from core.types import ImageScores

NORMAL = "normal"
DEFAULT_POINT = "balanced"
_NAN = math.nan
# For a model that nobody measured: the page says so.
UNMEASURED = OperatingPoint("unmeasured", 0.5, _NAN, (_NAN, _NAN), _NAN, (_NAN, _NAN), "")


@dataclass(frozen=True)
class Rule:
    """How scores become bands: at the operating point, with what lies between `low` and `high` not sure."""

    point: OperatingPoint
    low: float
    high: float

    def band(self, score: float) -> Band:
        if score >= self.high:
            return Band.LIKELY
        return Band.NOT_SURE if score >= self.low else Band.UNLIKELY


def points(calibration: Calibration) -> tuple[OperatingPoint, ...]:
    """What can be chosen; one that says it was not measured, for a model without any."""
    return calibration.operating_points or (UNMEASURED,)


def default_point(calibration: Calibration) -> OperatingPoint:
    known = points(calibration)
    return next((point for point in known if point.point_id == DEFAULT_POINT), known[0])


def rule(calibration: Calibration, point_id: str | None = None) -> Rule:
    """The rule at this operating point (None for the default). Raises InvalidInputError for an unknown one.

    The not-sure band always reaches from the threshold to the model's own band: nothing above the one and below
    the other counts as decided.
    """
    chosen = default_point(calibration) if point_id is None else _point(calibration, point_id)
    low, high = calibration.not_sure or (chosen.threshold, chosen.threshold)
    return Rule(chosen, min(low, chosen.threshold), max(high, chosen.threshold))


def score_of(scores: ImageScores) -> tuple[float, tuple[Part, ...], int]:
    """The finding's score, its parts with the likeliest first, and the number of that one's label.

    Every label but "normal" is a part of it.
    """
    numbers = [number for number, label in enumerate(scores.labels) if label.casefold() != NORMAL]
    if len(numbers) != len(scores.labels) - 1 or not numbers:
        raise ValueError(f"one label has to be '{NORMAL}', the labels are {scores.labels}")
    numbers.sort(key=lambda number: -scores.scores[number])
    parts = tuple(Part(scores.labels[number], float(scores.scores[number])) for number in numbers)
    return float(np.sum(scores.scores[numbers], dtype=np.float64)), parts, numbers[0]


def _point(calibration: Calibration, point_id: str) -> OperatingPoint:
    known = points(calibration)
    for point in known:
        if point.point_id == point_id:
            return point
    message = N_("There is no operating point {point}. It has to be one of: {points}.")
    names = ", ".join(point.point_id for point in known)
    raise InvalidInputError(message, point=point_id[:60], points=names)
