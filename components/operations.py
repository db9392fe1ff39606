"""The parts of the operations page that act: sign-in, machine, models."""

import streamlit as st

from components import failures, session
from components.i18n import _, sentence
from components.markup import escape
from components.models import state_title
from components.results import tier_title
from core.loading import ModelStatus, State
from core.showcase import showcase


def sign_in() -> None:
    """Ask for the operator's token, or say why there is nothing to ask for."""
    if showcase().settings.operator_token is None:
        st.info(
            _("This page answers on the host itself only. Set VITRINE_OPERATOR_TOKEN to open it elsewhere.")
        )
        return
    with st.form("operations_sign_in"):
        token = st.text_input(_("Operator token"), type="password", key="operations_token")
        is_sent = st.form_submit_button(_("Sign in"), key="operations_sign_in_submit")
    if is_sent and _is_admitted():
        st.session_state["shell_operator_token"] = token
        st.rerun()
    elif st.session_state.get("shell_operator_token"):
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


def _model_line(status: ModelStatus) -> str:
    spec = status.spec
    color = {State.READY: "green", State.FAILED: "red", State.UNLOADED: "gray"}.get(status.state, "orange")
    facts = [tier_title(spec.tier), spec.license, f"{spec.size_mb:,.0f} MB", ", ".join(spec.roles)]
    if status.load_s is not None:
        facts.append(_("loaded in {seconds} s").format(seconds=f"{status.load_s:.1f}"))
    if status.revision:
        facts.append(_("revision {revision}").format(revision=escape(status.revision[:12])))
    if not status.is_local:
        facts.append(_("not on this machine yet"))
    return f"**{spec.title}** :{color}-badge[{state_title(status.state)}]  \n:gray[{' · '.join(facts)}]"


def _bytes_text(status: ModelStatus) -> str:
    done, total = (round(number / 2**20) for number in (status.progress.done, status.progress.total))
    return _("{done} of {total} MB").format(done=done, total=total)


def _show_button(status: ModelStatus) -> None:
    model_id = status.spec.model_id
    key, more = f"operations_button_{model_id}", {"width": "stretch", "args": (model_id,)}
    if status.state is State.READY:
        st.button(_("Unload"), key=key, on_click=_unload, **more)
    elif status.state is State.DOWNLOADING:
        st.button(_("Cancel"), key=key, on_click=_cancel, **more)
    elif not status.state.is_busy:
        label = _("Load") if status.is_local else _("Download and load")
        st.button(label, key=key, on_click=_load, **more)


def _load(model_id: str) -> None:
    with failures.shown():
        showcase().store.audit("model_load", model_id)
        showcase().models.choose(model_id)


def _cancel(model_id: str) -> None:
    with failures.shown():
        showcase().store.audit("model_cancel", model_id)
        showcase().models.cancel(model_id)


def _unload(model_id: str) -> None:
    with failures.shown():
        showcase().store.audit("model_unload", model_id)
        if not showcase().models.unload(model_id):
            text = _("{model} is answering somebody right now. Try again in a moment.")
            st.warning(text.format(model=escape(model_id)), icon=":material/hourglass_top:")


def _is_admitted() -> bool:
    """Whether this visitor may try (once more); if not, the sentence is shown."""
    with failures.shown(), session.admitted():
        return True
    return False
