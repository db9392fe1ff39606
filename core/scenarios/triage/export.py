"""The worklist to take away: rows for a spreadsheet. Every row says what this is not."""

import csv
import io
import math
from collections.abc import Mapping, Sequence

from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import FINDING, NOT_REACHED, Study
from core.scenarios.triage.worklist import Entry
from core.spreadsheets import neutralised

COLUMNS = (
    "place", "origin", "study_id", "name", "priority", "finding", "score", "band", "spread_low", "spread_high", "parts",
    "operating_point", "threshold", "sensitivity", "specificity", "measured_on", "not_read_because",
    "stripped_tags", "model", "revision", "caveat",
)  # fmt: skip


def rows(
    entries: Sequence[Entry], rule: Rule, *, with_names: bool, is_synthetic: bool = False
) -> list[dict[str, object]]:
    """A flat row per study, in the worklist's order; file names only where asked for: they may name a patient.

    Those of drawn samples say in each row that they are, whatever else is left out.
    """
    origin = {"origin": "synthetic" if is_synthetic else ""}
    return [
        _row(place, entry, rule, with_names=with_names) | origin
        for place, entry in enumerate(entries, start=1)
    ]


def as_csv(rows: Sequence[dict[str, object]], *, titles: Mapping[str, str] | None = None) -> bytes:
    """For a spreadsheet (UTF-8 with mark), no cell of which is run as a formula; `titles` by column."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=COLUMNS)
    writer.writerow({column: (titles or {}).get(column, column) for column in COLUMNS})
    for row in rows:
        writer.writerow(
            {name: neutralised(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        )
    return out.getvalue().encode("utf-8-sig")


def _row(place: int, entry: Entry, rule: Rule, *, with_names: bool) -> dict[str, object]:
    study, reading = entry.study, entry.study.reading
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row |= {
        "place": place,
        "study_id": study.study_id,
        "name": study.name if with_names else "",
        "priority": entry.priority.value,
        "not_read_because": _why_not_read(study),
        "stripped_tags": "; ".join(study.stripped_names),
        "caveat": CAVEAT,
    }
    if reading is None:
        return row
    return row | {
        "finding": FINDING,
        "score": round(reading.score, 4),
        "band": entry.band.value,
        "spread_low": round(reading.spread.lowest, 4),
        "spread_high": round(reading.spread.highest, 4),
        "parts": "; ".join(f"{part.name} {part.score:.3f}" for part in reading.parts),
        "operating_point": rule.point.point_id,
        "threshold": rule.point.threshold,
        "sensitivity": _measured(rule.point.sensitivity),
        "specificity": _measured(rule.point.specificity),
        "measured_on": rule.point.measured_on,
        "model": reading.model.model_id,
        "revision": reading.revision,
    }


def _why_not_read(study: Study) -> str:
    if study.refusal:
        return str(study.refusal.error)
    return "" if study.reading else NOT_REACHED


def _measured(share: float) -> float | str:
    """Empty where nobody measured the model."""
    return "" if math.isnan(share) else share
