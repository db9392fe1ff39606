"""Answers that cannot be a model's: shown, they would look like a normal result of 0 %."""

from collections.abc import Iterable, Sequence

import numpy as np

from core.errors import N_, InferenceError
from core.scenarios.triage.studies import Reading, Study
from core.types import ImageScores

# Mean difference, of 255, from which two pictures clearly differ.
DIFFERENT = 1.0
SUM_TOLERANCE = 1e-3


def check_scores(scores: ImageScores) -> None:
    """Raises InferenceError unless the scores are probabilities that sum to 1 and the energy is a number."""
    values = np.asarray(scores.scores, dtype=np.float64)
    is_whole = values.shape == (len(scores.labels),) and np.isfinite(values).all()
    is_sound = is_whole and (values >= 0).all() and abs(values.sum() - 1) <= SUM_TOLERANCE
    if not (is_sound and np.isfinite(scores.energy)):
        raise InferenceError(
            N_("The model's answer is no set of probabilities, so it is not shown. Tell the operator.")
        )


def check_copies(pictures: Sequence[np.ndarray], answers: Sequence[ImageScores]) -> None:
    """Raises InferenceError where a picture's altered copies all get the very answer of the picture itself."""
    first = _key(answers[0].scores, answers[0].energy)
    pairs = zip(pictures[1:], answers[1:], strict=True)
    # One that was answered otherwise is enough, and the first is.
    others = (
        _key(answer.scores, answer.energy) for picture, answer in pairs if _differ(pictures[0], picture)
    )
    if next(others, None) == first and all(other == first for other in others):
        raise _same()


class Answers:
    """Those given for one worklist so far; of its pictures only the first is kept to compare with."""

    def __init__(self, studies: Iterable[Study]) -> None:
        read = [study for study in studies if study.reading]
        self._different = {_key_of(study.reading) for study in read}
        self._first = _middle(read[0].pixels) if read else None

    def add(self, study: Study, pixels: np.ndarray) -> None:
        """One more, with its pixels. Raises InferenceError where all got one answer although it clearly differs."""
        if study.reading is None:
            return
        self._different.add(_key_of(study.reading))
        if self._first is None:
            self._first = _middle(pixels)
        # Those before it were compared when they came.
        elif len(self._different) == 1 and _differ(self._first, _middle(pixels)):
            raise _same()


def _key_of(reading: Reading) -> tuple[float, ...]:
    return _key([part.score for part in reading.parts], reading.energy)


def _key(scores: Sequence[float], energy: float) -> tuple[float, ...]:
    """What is the same for the same answer, to the last digit."""
    return (*map(float, scores), energy)


def _middle(pixels: np.ndarray) -> np.ndarray:
    """The square in the middle: the model does not see what is beside it."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def _differ(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape:
        return True
    return float(np.abs(first.astype(np.int16) - second).mean()) > DIFFERENT


def _same() -> InferenceError:
    return InferenceError(
        N_(
            "The model gives one and the same answer for pictures that clearly differ, so its scores are not "
            "shown. Tell the operator."
        )
    )
