"""Right and wrong at every threshold: the confusion matrix of labelled pictures, precision, recall and F1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.scenarios.images.classify import Seen
from core.scenarios.images.folders import folder_of
from core.scenarios.images.labels import KNOWN, normalised
from core.scenarios.images.results import Classified, Verdict


@dataclass(frozen=True)
class Outcome:
    """What a picture shows, as a person says, and what the model answered."""

    name: str
    truth: str
    answer: str
    score: float
    is_unknown: bool

    def at(self, threshold: float) -> str | None:
        """The answer at this threshold; None for "not sure"."""
        return None if self.is_unknown or self.score < threshold else self.answer


@dataclass(frozen=True)
class Quality:
    """One label's figures; None where there is nothing to divide by."""

    label: str
    pictures: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, eq=False)
class Confusion:
    """Rows are what the pictures show, columns what was answered; the last column is "not sure"."""

    labels: tuple[str, ...]
    counts: np.ndarray

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def answered(self) -> int:
        return int(self.counts[:, :-1].sum())

    @property
    def right(self) -> int:
        return int(np.trace(self.counts))

    def quality(self) -> tuple[Quality, ...]:
        """The figures of each label that a picture shows or that was answered."""
        return tuple(self._quality(number) for number in range(len(self.labels)))

    def macro_f1(self) -> float | None:
        """The mean F1 of the labels that pictures show, each counting the same."""
        shown = [each.f1 or 0.0 for each in self.quality() if each.pictures]
        return sum(shown) / len(shown) if shown else None

    def _quality(self, number: int) -> Quality:
        right = self.counts[number, number]
        shown, said = self.counts[number].sum(), self.counts[:, number].sum()
        return Quality(
            self.labels[number],
            pictures=int(shown),
            precision=_share(right, said),
            recall=_share(right, shown),
            f1=_share(2 * right, shown + said),
        )


def outcomes(
    seen: Sequence[Seen],
    truths: Sequence[str] | None = None,
    *,
    spellings: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """The pictures of which somebody said what they show: in `truths` for each that was looked at, else by its folder.

    They go by place, not by name: two uploads may be called the same. "" is of nothing known.
    `spellings` maps other names of labels (normalised) to labels: {"猫": "cat"}.
    """
    looked = [each for each in seen if isinstance(each, Classified)]
    labels = {*KNOWN, *(label.name for each in looked for label in each.labels)}
    # ImageNet's labels are several words for one thing: "tabby, tabby cat".
    names = {normalised(word): label for label in labels for word in (*label.split(","), label)}
    names |= spellings or {}
    said = [folder_of(each.name) for each in looked] if truths is None else truths
    found = []
    for each, truth in zip(looked, said, strict=True):
        if truth:
            label = names.get(normalised(truth), truth)
            unknown = each.verdict is Verdict.UNKNOWN
            found.append(Outcome(each.name, label, each.best.name, each.best.score, unknown))
    return found


def confusion(outcomes: Sequence[Outcome], threshold: float) -> Confusion:
    """Count the outcomes; an answer under the threshold, or of an unknown picture, is "not sure"."""
    answers = [outcome.at(threshold) for outcome in outcomes]
    names = {outcome.truth for outcome in outcomes} | {answer for answer in answers if answer is not None}
    labels = tuple(sorted(names))
    counts = np.zeros((len(labels), len(labels) + 1), dtype=int)
    for outcome, answer in zip(outcomes, answers, strict=True):
        column = len(labels) if answer is None else labels.index(answer)
        counts[labels.index(outcome.truth), column] += 1
    return Confusion(labels, counts)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
