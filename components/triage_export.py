"""The worklist to take away, as CSV and as PDF; the banner goes along."""

from collections.abc import Iterator
from datetime import UTC, datetime

import streamlit as st

from components import results, triage_point, triage_sheet, triage_table, triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.demos import Demo
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.pdf import Report, as_pdf
from core.scenarios.triage.studies import FINDING
from core.scenarios.triage.worklist import ORDER, Entry
from core.showcase import showcase

# Of a checksum: enough to tell weights apart.
SHOWN_CHARS = 12
WIDTHS = (0.05, 0.21, 0.12, 0.22, 0.1, 0.3)


def show(demo: Demo, listed: Worklist | None, entries: tuple[Entry, ...], rule: Rule | None) -> None:
    if listed is None or not entries:
        st.caption(_("Sort some pictures first; the worklist can be taken away here."))
        return
    with_names = st.checkbox(
        _("With file names (they may name a patient)"), key=f"{demo.key}_with_names", persist_state="session"
    )
    icon = {"icon": ":material/download:", "on_click": "ignore"}
    with st.container(horizontal=True):
        is_synthetic = listed.is_synthetic
        table = triage_sheet.as_csv(entries, rule, with_names=with_names, is_synthetic=is_synthetic)
        st.download_button("CSV", table, "worklist.csv", "text/csv", key=f"{demo.key}_csv", **icon)
        document = as_pdf(_report(entries, rule, with_names=with_names, is_synthetic=is_synthetic))
        st.download_button("PDF", document, "worklist.pdf", "application/pdf", key=f"{demo.key}_pdf", **icon)
    st.caption(_("The banner stands in every row of the table and on every page of the document."))


def _report(entries: tuple[Entry, ...], rule: Rule, *, with_names: bool, is_synthetic: bool) -> Report:
    point = _("Operating point: {point}, threshold {threshold}; not sure from {low} to {high}.").format(
        point=triage_words.point(rule.point),
        threshold=f"{rule.point.threshold:.2f}",
        low=f"{rule.low:.2f}",
        high=f"{rule.high:.2f}",
    )
    made = _("Made on {time} UTC.").format(time=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"))
    name = _("File") if with_names else _("Study")
    columns = ("", name, _("Priority"), triage_words.finding(FINDING), _("Spread"), _("Not read because"))
    return Report(
        banner=_(CAVEAT),
        title=_("Worklist"),
        notes=(
            *_about(entries, is_synthetic=is_synthetic),
            made,
            f"{point} {triage_point.figures(rule)}",
            _(ORDER),
        ),
        columns=columns,
        widths=WIDTHS,
        rows=[_cells(place, entry, with_names=with_names) for place, entry in enumerate(entries, start=1)],
        page=_("Page {number}"),
    )


def _about(entries: tuple[Entry, ...], *, is_synthetic: bool) -> Iterator[str]:
    """What the pictures are, and which weights read them."""
    if is_synthetic:
        yield _(
            "All pictures here are synthetic: drawn by a program, not taken of anybody. Their scores mean nothing "
            "clinically."
        )
    readings = [entry.study.reading for entry in entries if entry.study.reading]
    # Of several where another one took over in between.
    models = {(each.model.model_id, each.revision): each.model for each in readings}
    for (model_id, revision), model in models.items():
        checksum = showcase().models.catalog.spec(model_id).sha256.get("model.safetensors", "")
        yield _("Read by {model} ({tier}), revision {revision}, weights with SHA-256 {weights}.").format(
            model=model_id,
            tier=results.tier_title(model.tier),
            revision=revision or "–",
            weights=f"{checksum[:SHOWN_CHARS]}…" if checksum else "–",
        )


def _cells(place: int, entry: Entry, *, with_names: bool) -> tuple[str, ...]:
    study, reading = entry.study, entry.study.reading
    band, spread = triage_words.band(entry.band), "–"
    if reading:
        band = f"{band} ({reading.score:.2f})"
        spread = f"{reading.spread.lowest:.2f} – {reading.spread.highest:.2f}"
    name = study.name if with_names else study.study_id
    reason = triage_table.reason(study)
    return (str(place), name, triage_words.priority(entry.priority), band, spread, reason)
