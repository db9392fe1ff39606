"""The parts of the operations page: sign-in, machine, models, requests, and what visitors left."""

from dataclasses import asdict

import streamlit as st

from components import failures, results
from components.i18n import _, sentence
from components.models import state_title
from components.results import tier_title
from core.loading import State
from core.pool import ModelStatus
from core.showcase import showcase

MAX_ROWS = 1000


def sign_in() -> None:
    """Ask for the operator's token, or say why there is nothing to ask for."""
    if showcase().settings.operator_token is None:
        st.info(
            _("This page answers on the host itself only. Set VITRINE_OPERATOR_TOKEN to open it elsewhere.")
        )
        return
    with st.form("operations_sign_in"):
        token = st.text_input(_("Operator token"), type="password", key="operations_token")
        if st.form_submit_button(_("Sign in"), key="operations_sign_in_submit"):
            st.session_state["shell_operator_token"] = token
            st.rerun()
    if st.session_state.get("shell_operator_token"):
        st.error(_("This is not the operator's token."))


@st.fragment(run_every=2.0)
def machine() -> None:
    """Device, memory, queue: looked at again every two seconds."""
    place = showcase()
    statuses = place.models.status()
    device, memory, loaded, queue = st.columns(4)
    device.metric(_("Device"), place.models.device.title if place.models.device else "–", border=True)
    memory.metric(_("Memory of this process"), f"{place.memory_used_mb():,.0f} MB", border=True)
    ready = [status for status in statuses if status.state is State.READY]
    loaded.metric(_("Models loaded"), f"{len(ready)} / {len(statuses)}", border=True)
    queue.metric(_("Waiting in queues"), sum(status.queue_size for status in statuses), border=True)


@st.fragment(run_every=2.0)
def models() -> None:
    """One row per model, with the buttons that its state allows."""
    for status in showcase().models.status():
        with st.container(border=True, key=f"operations_model_{status.spec.model_id}"):
            words, buttons = st.columns([4, 1], vertical_alignment="center")
            words.markdown(_model_line(status))
            if status.progress:
                words.progress(status.progress.fraction, text=_bytes_text(status))
            if status.error:
                words.error(sentence(status.error), icon=":material/error:")
            with buttons:
                _show_button(status)


def requests() -> None:
    """Counts and percentiles per action."""
    rows = [asdict(action) for action in showcase().metrics.actions()]
    if rows:
        st.dataframe(rows, hide_index=True, key="operations_requests", alt=_("Requests and latencies"))
    else:
        st.caption(_("No request yet."))


def left_behind() -> None:
    """Feedback, hand-overs and unanswered questions, with export."""
    place = showcase()
    tables = {
        "feedback": (_("Feedback"), lambda: place.store.feedback(limit=MAX_ROWS)),
        "handovers": (_("Hand-overs"), lambda: place.store.handovers(limit=MAX_ROWS)),
        "unanswered": (_("Unanswered questions"), lambda: place.store.unanswered(limit=MAX_ROWS)),
    }
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
        rows = [_plain(asdict(row)) for row in tables[chosen][1]()]
        if not rows:
            st.caption(_("Nothing yet."))
            return
        st.dataframe(rows, hide_index=True, key=f"operations_{chosen}", alt=tables[chosen][0])
        results.downloads(chosen, rows, key=f"operations_{chosen}_file")


def _model_line(status: ModelStatus) -> str:
    spec = status.spec
    color = {State.READY: "green", State.FAILED: "red", State.UNLOADED: "gray"}.get(status.state, "orange")
    facts = [tier_title(spec.tier), spec.license, f"{spec.size_mb:,.0f} MB", ", ".join(spec.roles)]
    if status.load_s is not None:
        facts.append(_("loaded in {seconds} s").format(seconds=f"{status.load_s:.1f}"))
    if not status.is_local:
        facts.append(_("not on this machine yet"))
    return f"**{spec.title}** :{color}-badge[{state_title(status.state)}]  \n:gray[{' · '.join(facts)}]"


def _bytes_text(status: ModelStatus) -> str:
    done, total = (round(number / 2**20) for number in (status.progress.done, status.progress.total))
    return _("{done} of {total} MB").format(done=done, total=total)


def _show_button(status: ModelStatus) -> None:
    model_id, pool = status.spec.model_id, showcase().models
    key = f"operations_button_{model_id}"
    if status.state is State.READY:
        st.button(_("Unload"), key=key, width="stretch", on_click=pool.unload, args=(model_id,))
    elif status.state.is_busy:
        st.button(_("Cancel"), key=key, width="stretch", on_click=pool.cancel, args=(model_id,))
    else:
        label = _("Load") if status.is_local else _("Download and load")
        st.button(label, key=key, width="stretch", on_click=pool.choose, args=(model_id,))


def _plain(row: dict) -> dict:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
