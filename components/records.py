"""The tables of the operations page: requests and their latencies, what visitors left, what operators did."""

from collections.abc import Callable
from dataclasses import asdict

import streamlit as st

from components import failures, results
from components.i18n import _
from core.metrics import ActionStatus
from core.scenarios.triage.caveat import CAVEAT
from core.showcase import showcase

MAX_ROWS = 1000
Rows = Callable[[], list]


def requests() -> None:
    """Counts and percentiles per action."""
    rows = [_request(action) for action in showcase().metrics.actions()]
    if rows:
        alt = _("Requests and latencies")
        st.dataframe(rows, hide_index=True, key="operations_requests", alt=alt, column_config=_titles())
    else:
        st.caption(_("No request yet."))


def left_behind() -> None:
    """Feedback, hand-overs, unanswered questions, verdicts and the operators' own doings, with export."""
    tables = _tables()
    chosen = st.segmented_control(
        _("Table"),
        list(tables),
        format_func=lambda name: tables[name][0],
        default="feedback",
        required=True,
        key="operations_table",
        label_visibility="collapsed",
    )
    with failures.shown():
        _show(chosen, *tables[chosen])


def _tables() -> dict[str, tuple[str, Rows]]:
    store = showcase().store
    return {
        "feedback": (_("Feedback"), lambda: store.feedback(limit=MAX_ROWS)),
        "handovers": (_("Hand-overs"), lambda: store.handovers(limit=MAX_ROWS)),
        "unanswered": (_("Unanswered questions"), lambda: store.unanswered(limit=MAX_ROWS)),
        "triage": (_("Triage verdicts"), lambda: store.triage_rows(limit=MAX_ROWS)),
        "audit": (_("What operators did"), lambda: store.audit_rows(limit=MAX_ROWS)),
    }


def _show(name: str, title: str, read: Rows) -> None:
    rows = [_plain(asdict(row)) | _caveat(name) for row in read()]
    if not rows:
        st.caption(_("Nothing yet."))
        return
    st.dataframe(rows, hide_index=True, key=f"operations_{name}", alt=title, column_config=_titles())
    if len(rows) == MAX_ROWS:
        text = _("Only the newest {count} rows are shown and exported.")
        st.caption(text.format(count=f"{MAX_ROWS:,}"))
    results.downloads(name, rows, key=f"operations_{name}_file")


def _caveat(name: str) -> dict[str, str]:
    """What goes with every row about an X-ray, here and in its export."""
    return {"caveat": _(CAVEAT)} if name == "triage" else {}


def _request(action: ActionStatus) -> dict[str, object]:
    fronts = {"pages": _("pages"), "api": "API"}
    names = {
        "answer": _("answer a question"),
        "measure": _("measure the quality"),
        "upload": _("read an upload"),
        "knowledge-base": _("read an upload"),
        "feedback": _("feedback"),
        "models": _("state of the models"),
        "load": _("load a model"),
        "unload": _("unload a model"),
        "translate": _("translate a text"),
        "translate-file": _("translate a file"),
        "generate": _("write drafts"),
        "batch": _("write a batch"),
        "content-batch": _("begin a batch"),
        "content-batch-look": _("look at a batch"),
        "content-batch-cancel": _("stop a batch"),
        "classify": _("look at pictures"),
        "explain": _("say where it looked"),
        "teach": _("teach classes"),
        "triage": _("sort studies"),
        "triage-heat": _("explain a study"),
    }
    times = {name: round(getattr(action, name)) for name in ("p50_ms", "p95_ms", "p99_ms")}
    return asdict(action) | {
        "action": names.get(action.action, action.action),
        "front": fronts.get(action.front, action.front),
        **times,
    }


def _titles() -> dict[str, str]:
    """The columns' names for people; the exported files keep the short ones."""
    return {
        "action": _("Action"),
        "front": _("Way in"),
        "requests": _("Requests"),
        "errors": _("Errors"),
        "p50_ms": _("Median, ms"),
        "p95_ms": _("95 % within, ms"),
        "p99_ms": _("99 % within, ms"),
        "id": _("No."),
        "created": _("Time (UTC)"),
        "demo": _("Demo"),
        "kind": _("Kind"),
        "rating": _("Rating"),
        "reason": _("Reason"),
        "correction": _("A better answer"),
        "question": _("Question"),
        "answer": _("Answer"),
        "model_id": _("Model"),
        "language": _("Language"),
        "session_hash": _("Session"),
        "packet": _("What the person receives"),
        "owner": _("Owner"),
        "knowledge_base": _("Knowledge base"),
        "times_asked": _("Times asked"),
        "status": _("Status"),
        "request_id": _("Request"),
        "study_id": _("Study"),
        "revision": _("Revision"),
        "operating_point": _("Operating point"),
        "threshold": _("Threshold"),
        "score": _("Score"),
        "band": _("Band"),
        "priority": _("Priority"),
        "refusal": _("Not read because"),
        "caveat": _("Caveat"),
        "event": _("Event"),
        "detail": _("Detail"),
    }


def _plain(row: dict) -> dict:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
