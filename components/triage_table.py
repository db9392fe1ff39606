"""The worklist as a table: every study with its priority, and which of them is open."""

import base64
import io

import streamlit as st
from PIL import Image

from components import triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.demos import Demo
from core.scenarios.triage.studies import FINDING, NOT_REACHED, Priority, Study
from core.scenarios.triage.worklist import ORDER, Entry

THUMB_PX = 48
# More of them scroll.
SHOWN_ROWS = 10


def show(demo: Demo, listed: Worklist, entries: tuple[Entry, ...]) -> Entry:
    """The table, and below it the choice of a study; returns the entry that is open."""
    _show_counts(entries)
    rows = [_row(listed, place, entry) for place, entry in enumerate(entries, start=1)]
    priorities = list(map(triage_words.priority, Priority))
    colours = [triage_words.COLOURS[priority] for priority in Priority]
    by_id = {entry.study.study_id: entry for entry in entries}
    key = f"{demo.key}_open_{listed.number}"
    st.dataframe(
        rows,
        hide_index=True,
        row_height=THUMB_PX + 8,
        height="content" if len(rows) <= SHOWN_ROWS else "auto",
        key=f"{demo.key}_table_{listed.number}",
        on_select=lambda: _open(demo, listed, key, list(by_id)),
        selection_mode="single-row",
        alt=_("The worklist, the most urgent study first"),
        column_config={
            "place": st.column_config.NumberColumn("", width=40),
            "picture": st.column_config.ImageColumn(_("Picture"), width=70),
            "priority": st.column_config.MultiselectColumn(_("Priority"), options=priorities, color=colours),
            "name": _("File"),
            "score": st.column_config.ProgressColumn(
                triage_words.finding(FINDING), min_value=0.0, max_value=1.0, format="%.2f"
            ),
            "band": _("Band"),
            "spread": st.column_config.TextColumn(_("Spread"), help=_spread_help()),
            "reason": st.column_config.TextColumn(_("Not read because"), width="large"),
        },
    )
    st.caption(_(ORDER))
    return by_id[_choice(key, entries)]


def _choice(key: str, entries: tuple[Entry, ...]) -> str:
    """The study that is open: the same one when the order changes, at first the most urgent."""
    titles = {
        entry.study.study_id: f"{place} · {triage_words.priority(entry.priority)} · {entry.study.name}"
        for place, entry in enumerate(entries, start=1)
    }
    return st.selectbox(_("Open a study"), list(titles), format_func=titles.__getitem__, key=key)


def _open(demo: Demo, listed: Worklist, key: str, study_ids: list[str]) -> None:
    """Open the study whose row was clicked."""
    rows = st.session_state[f"{demo.key}_table_{listed.number}"].selection.rows
    if rows and rows[0] < len(study_ids):
        st.session_state[key] = study_ids[rows[0]]


def _show_counts(entries: tuple[Entry, ...]) -> None:
    counts = {priority: sum(entry.priority is priority for entry in entries) for priority in Priority}
    with st.container(horizontal=True):
        for priority, count in counts.items():
            title = f"{count} {triage_words.priority(priority)}"
            st.badge(title, icon=triage_words.ICONS[priority], color=triage_words.COLOURS[priority])


def _row(listed: Worklist, place: int, entry: Entry) -> dict[str, object]:
    study, reading = entry.study, entry.study.reading
    if study.study_id not in listed.thumbnails:
        listed.thumbnails[study.study_id] = _thumbnail(study)
    return {
        "place": place,
        "picture": listed.thumbnails[study.study_id],
        "priority": [triage_words.priority(entry.priority)],
        "name": study.name,
        "score": round(reading.score, 3) if reading else None,
        "band": triage_words.band(entry.band),
        "spread": f"{reading.spread.lowest:.2f} – {reading.spread.highest:.2f}" if reading else "–",
        "reason": reason(study),
    }


def reason(study: Study) -> str:
    """Why the model has said nothing, in a sentence; "" where it has."""
    if study.refusal:
        error = study.refusal.error
        # A cell shows no markup.
        return _(error.msgid).format(**error.params)
    return "" if study.reading else _(NOT_REACHED)


def _thumbnail(study: Study) -> str:
    """The picture as a data address, since cells take no pixels; "" where there is none."""
    if study.png is None:
        return ""
    image = Image.fromarray(study.pixels)
    image.thumbnail((THUMB_PX, THUMB_PX))
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def _spread_help() -> str:
    return _("The lowest and the highest score of eight slightly altered copies.")
