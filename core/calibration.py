"""What was fitted to a classifier after its training, read from calibration.json beside its weights."""

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

FILE = "calibration.json"


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold on a score, and what it was measured to give; intervals are 95 % (Wilson 1927)."""

    point_id: str
    threshold: float
    sensitivity: float
    sensitivity_interval: tuple[float, float]
    specificity: float
    specificity_interval: tuple[float, float]
    measured_on: str
    """The name of the set of pictures, as it is shown."""


@dataclass(frozen=True)
class Calibration:
    """How a classifier's logits become scores and verdicts; the defaults are for a model that has no such file."""

    temperature: float = 1.0
    """Logits are divided by this before the softmax (Guo et al. 2017)."""
    resolution_px: int | None = None
    """Pictures are cut square and shrunk to this before the model's own processor sees them."""
    unknown_below: float | None = None
    """The energy under which a picture counts as unlike those learned from."""
    not_sure: tuple[float, float] | None = None
    """Scores between these count as "not sure"."""
    operating_points: tuple[OperatingPoint, ...] = ()


def read_calibration(folder: Path) -> Calibration:
    """The calibration of the model in `folder`; the defaults where it brings none.

    Raises ValueError for a file with other keys than these.
    """
    path = folder / FILE
    try:
        written_ns = path.stat().st_mtime_ns
    except FileNotFoundError:
        return Calibration()
    return _read(path, written_ns)


@lru_cache
def _read(path: Path, written_ns: int) -> Calibration:
    """Read once as long as the file stays as it is: each request for a picture asks for it twice."""
    values = json.loads(path.read_text("utf-8"))
    unknown = set(values) - {field.name for field in fields(Calibration)}
    if unknown:
        raise ValueError(f"{path.parent.name}/{FILE}: unknown keys {sorted(unknown)}")
    points = tuple(_point(value) for value in values.pop("operating_points", []))
    not_sure = values.pop("not_sure", None)
    return Calibration(**values, not_sure=tuple(not_sure) if not_sure else None, operating_points=points)


def _point(values: dict) -> OperatingPoint:
    return OperatingPoint(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    )
