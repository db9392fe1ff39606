"""The worklist: every study has a place on it, the most urgent first."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import N_
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import Band, Priority, Study
from core.scenarios.triage.uncertainty import COPIES

# This many copies on the other side of the threshold make a score undecided.
DISAGREEING = COPIES // 4
ORDER = N_(
    "Urgent first (the finding is likely, by score). Then what needs a person: scores that are not sure, then pictures "
    "that the model was not asked about or could not read; nobody knows what they show, so they come before anything "
    "called unlikely. Then soon (unlikely, but a small change of the picture reaches the band), then routine. "
    "Nothing is ever left out."
)


@dataclass(frozen=True)
class Entry:
    """A study with its place: the band is None where the model was not asked."""

    study: Study
    priority: Priority
    band: Band | None


def entry(study: Study, rule: Rule) -> Entry:
    """What the rule makes of a study; the model is not asked again."""
    reading = study.reading
    if reading is None:
        return Entry(study, Priority.PERSON, None)
    band = rule.band(reading.score)
    is_above = reading.score >= rule.point.threshold
    others = [score for score in reading.spread.scores if (score >= rule.point.threshold) != is_above]
    if len(others) >= DISAGREEING:
        band = Band.NOT_SURE
    if band is Band.UNLIKELY:
        return Entry(study, Priority.SOON if reading.spread.highest >= rule.low else Priority.ROUTINE, band)
    return Entry(study, Priority.URGENT if band is Band.LIKELY else Priority.PERSON, band)


def worklist(studies: Iterable[Study], rule: Rule) -> tuple[Entry, ...]:
    """All of the studies, in the order that ORDER describes; equals stay as they came."""
    return tuple(sorted((entry(study, rule) for study in studies), key=_place))


def _place(entry: Entry) -> tuple[int, float]:
    reading = entry.study.reading
    return list(Priority).index(entry.priority), -reading.score if reading else 1.0
