"""How good it is on a visitor's own pictures: the worklist against what a person says they show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import N_, InvalidInputError
from core.pictures.names import clean_name
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import Priority, Study
from core.scenarios.triage.worklist import worklist
from core.spreadsheets import plain, read_columns

COLUMNS = ("file", "finding")
MAX_LABELS_BYTES = 2**20
_YES, _NO = ("1", "yes", "true", "是", "有"), ("0", "no", "false", "否", "无")
# The standard normal quantile of a 95 % interval.
_Z = 1.959964


@dataclass(frozen=True)
class Share:
    """A share of `total`, with its 95 % interval (Wilson 1927)."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return math.nan, math.nan
        share, spread = self.value, _Z**2 / self.total
        middle = share + spread / 2
        half = _Z * math.sqrt(share * (1 - share) / self.total + spread / (4 * self.total))
        return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


@dataclass(frozen=True)
class Measured:
    """What the rule makes of labelled pictures; the shares are of those that the model read."""

    sensitivity: Share
    specificity: Share
    auc: float
    """How often a picture with the finding scores higher than one without; nan without both kinds."""
    to_a_person: int
    """Labelled pictures that were not read, or whose score is not sure."""
    missed: int
    """With the finding, and yet routine."""
    unlabelled: int


def read_labels(content: bytes) -> dict[str, bool]:
    """{file name, as on a worklist: whether the finding is there} from a CSV file. Raises InvalidInputError."""
    missing = N_("The file needs the columns file and finding; name them in the first line.")
    rows = read_columns(content, COLUMNS, max_mb=MAX_LABELS_BYTES // 2**20, missing=missing)
    return {clean_name(plain(name)): _is_there(word, line) for line, (name, word) in rows}


def measure(studies: Sequence[Study], labels: Mapping[str, bool], rule: Rule) -> Measured:
    """Compare; no model is asked. Raises InvalidInputError where no label belongs to a picture."""
    labelled = [entry for entry in worklist(studies, rule) if entry.study.name in labels]
    if not labelled:
        message = N_("None of the file names in the table is on the worklist. Check how they are written.")
        raise InvalidInputError(message)
    read = [
        (entry.study.reading.score, labels[entry.study.name]) for entry in labelled if entry.study.reading
    ]
    threshold = rule.point.threshold
    with_it, without = ([score for score, is_there in read if is_there is kind] for kind in (True, False))
    return Measured(
        sensitivity=Share(sum(score >= threshold for score in with_it), len(with_it)),
        specificity=Share(sum(score < threshold for score in without), len(without)),
        auc=_auc(with_it, without),
        to_a_person=sum(entry.priority is Priority.PERSON for entry in labelled),
        missed=sum(entry.priority is Priority.ROUTINE and labels[entry.study.name] for entry in labelled),
        unlabelled=len(studies) - len(labelled),
    )


def _is_there(cell: str, line: int) -> bool:
    word = cell.strip().casefold()
    if word not in (*_YES, *_NO):
        message = N_("Line {line} of the table says neither yes nor no in the column finding. Write 1 or 0.")
        raise InvalidInputError(message, line=line)
    return word in _YES


def _auc(with_it: Sequence[float], without: Sequence[float]) -> float:
    """By comparing every pair (Mann and Whitney 1947): a worklist is short. Equal scores count half."""
    if not with_it or not without:
        return math.nan
    wins = sum((high > low) + 0.5 * (high == low) for high in with_it for low in without)
    return wins / (len(with_it) * len(without))
