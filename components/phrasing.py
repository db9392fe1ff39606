"""The answer as a writer phrases it: streamed into the chat, and stoppable."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import failures
from components.i18n import _
from components.markup import escape
from core.demos import Demo
from core.scenarios.customer_service import phrasing
from core.scenarios.customer_service.answering import Phrasing, Reply
from core.showcase import showcase


def phrased(demo: Demo, reply: Reply) -> Reply:
    """The reply in the writer's words; as it was where none may phrase it, the writer fails, or the visitor stops it.

    To stop means another run of the page: it takes the passage itself.
    """
    key = f"{demo.key}_as_it_stands"
    writer = phrasing.writer_for(showcase().models, reply)
    if st.session_state.pop(key, False) or writer is None:
        return reply
    with failures.shown():
        answer_in_words = _shown(demo, reply, phrasing.phrase(showcase().models, writer, reply), stop_key=key)
        return replace(reply, phrasing=answer_in_words)
    return reply


def show_caption(reply: Reply) -> None:
    """Whose words these are, where a writer was asked."""
    if reply.phrasing is None:
        return
    model = reply.phrasing.model.model_id
    if reply.is_phrased:
        text = _("Phrased by {model} from the cited passages; each sentence was compared with them.")
    else:
        text = _("{model} wrote something that the passages do not say, so the passage itself is shown.")
    st.caption(text.format(model=escape(model)))


def _shown(demo: Demo, reply: Reply, pieces: Generator[str, None, Phrasing], *, stop_key: str) -> Phrasing:
    """Show question and answer while it is written; they make room for the transcript when it is."""
    place = st.empty()
    try:
        with place.container():
            with st.chat_message("user", avatar=":material/person:"):
                st.markdown(escape(reply.question.text))
            with st.chat_message("assistant", avatar=":material/support_agent:"):
                words = st.empty()
                stop = {"on_click": _stop, "args": (stop_key,), "icon": ":material/stop:"}
                st.button(_("Stop, and show the passage"), key=f"{demo.key}_stop", **stop)
                return _streamed(words, pieces)
    finally:
        place.empty()


def _streamed(place: DeltaGenerator, pieces: Generator[str, None, Phrasing]) -> Phrasing:
    """Show the pieces as they come. However this ends, the model stops writing."""
    text = ""
    with closing(pieces):
        while True:
            try:
                text += next(pieces)
            except StopIteration as end:
                return end.value
            place.markdown(escape(text))


def _stop(key: str) -> None:
    st.session_state[key] = True
