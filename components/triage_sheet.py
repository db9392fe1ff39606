"""The worklist as a spreadsheet in the visitor's language: its titles, and its words."""

from collections.abc import Sequence

from components import triage_table, triage_words
from components.i18n import _
from core.scenarios.triage import export
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.worklist import Entry


def as_csv(entries: Sequence[Entry], rule: Rule, *, with_names: bool, is_synthetic: bool) -> bytes:
    rows = export.rows(entries, rule, with_names=with_names, is_synthetic=is_synthetic)
    said = [row | _words(row, entry, rule) for row, entry in zip(rows, entries, strict=True)]
    return export.as_csv(said, titles=_titles())


def _words(row: dict[str, object], entry: Entry, rule: Rule) -> dict[str, object]:
    reading = entry.study.reading
    words = {
        "origin": _("synthetic: drawn by a program") if row["origin"] else "",
        "priority": triage_words.priority(entry.priority),
        "not_read_because": triage_table.reason(entry.study),
        "caveat": _(CAVEAT),
    }
    if reading is None:
        return words
    parts = (f"{triage_words.finding(part.name)} {part.score:.3f}" for part in reading.parts)
    return words | {
        "finding": triage_words.finding(str(row["finding"])),
        "band": triage_words.band(entry.band),
        "parts": "; ".join(parts),
        "operating_point": triage_words.point(rule.point),
        "measured_on": triage_words.measured_on(rule.point),
    }


def _titles() -> dict[str, str]:
    return {
        "place": _("Place"),
        "origin": _("Origin"),
        "study_id": _("Study"),
        "name": _("File"),
        "priority": _("Priority"),
        "finding": _("Finding"),
        "score": _("Score"),
        "band": _("Band"),
        "spread_low": _("Spread, from"),
        "spread_high": _("Spread, to"),
        "parts": _("Parts of the score"),
        "operating_point": _("Operating point"),
        "threshold": _("Threshold"),
        "sensitivity": _("Sensitivity"),
        "specificity": _("Specificity"),
        "measured_on": _("Test set"),
        "not_read_because": _("Not read because"),
        "stripped_tags": _("DICOM attributes left behind"),
        "model": _("Model"),
        "revision": _("Revision"),
        "caveat": _("Caveat"),
    }
