"""Answer, ask back, or hand over: the decision, from the scores alone."""

from dataclasses import dataclass, replace
from enum import StrEnum

# Of the threshold.
FLOOR_SHARE = 0.2


class Decision(StrEnum):
    ANSWER = "answer"
    ASK_BACK = "ask_back"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Policy:
    """Scores are in [0, 1]; the defaults were calibrated on assets/knowledge_bases/calibration.csv."""

    threshold: float = 0.5
    """Answer from here on."""
    ask_back_band: float = 0.4
    """Ask back when the best score is below the threshold by no more than this, and not below the floor."""
    ambiguity_margin: float = 0.15
    """Ask back when the second entry is this close to the first, unless the first is `sure`."""
    sure: float = 0.95
    near: float = 0.5
    """Ask back, whatever the score, when a passage is as close in meaning as this: a cosine."""

    @property
    def floor(self) -> float:
        """Hand over below this; never 0, so that even a low threshold leaves room for a person."""
        return max(self.threshold - self.ask_back_band, FLOOR_SHARE * self.threshold)

    def at(self, threshold: float | None) -> "Policy":
        """The same policy with another threshold, where one is given."""
        return self if threshold is None else replace(self, threshold=threshold)

    def decide(self, scores: list[float], *, closest: float = 0.0) -> Decision:
        """The decision for the entries' scores, best first, and the cosine of the passage closest in meaning.

        A question is handed over when neither says that an entry could be meant; without entries always.
        """
        if not scores or (scores[0] < self.floor and closest < self.near):
            return Decision.HAND_OVER
        if scores[0] < self.threshold or self._is_ambiguous(scores):
            return Decision.ASK_BACK
        return Decision.ANSWER

    def _is_ambiguous(self, scores: list[float]) -> bool:
        second = scores[1] if len(scores) > 1 else 0.0
        is_close = scores[0] - second < self.ambiguity_margin
        return is_close and second >= self.threshold and scores[0] < self.sure
