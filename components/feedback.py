"""Thumbs, a reason and a better answer, without a login; stars at the end of a conversation."""

import streamlit as st

from components import failures
from components.i18n import _, language
from components.session import admitted, session_hash
from core.demos import Demo
from core.showcase import showcase
from core.store import Feedback

MAX_REASON_CHARS = 500


def ask(demo: Demo, *, turn_id: int, question: str, answer: str, model_id: str) -> None:
    """Ask what the visitor thinks of one result; a thumb is stored at once, words when sent."""
    key = f"{demo.key}_feedback_{turn_id}"
    about = {"demo": demo.demo_id, "question": question, "answer": answer, "model_id": model_id}
    thumb = _rate("thumbs", f"{key}_thumb", kind="thumb", first=0, **about)
    if thumb is None:
        return
    with st.form(f"{key}_form", border=False):
        reason = st.text_input(
            _("What was good or bad about it?"), max_chars=MAX_REASON_CHARS, key=f"{key}_reason"
        )
        better = st.text_area(
            _("A better answer"), max_chars=MAX_REASON_CHARS, key=f"{key}_better", height=68
        )
        sent = st.form_submit_button(_("Send"), key=f"{key}_send")
    if sent and _store(kind="correction", rating=thumb, reason=reason, correction=better, **about):
        st.success(_thanks(), icon=":material/check:")


def stars(demo: Demo, *, conversation: int, turns: int) -> None:
    """How satisfied the visitor is with the whole conversation."""
    st.caption(_("How satisfied are you with this conversation?"))
    key = f"{demo.key}_feedback_csat_{conversation}"
    _rate("stars", key, kind="csat", first=1, demo=demo.demo_id, reason=f"{turns} turns")


def _rate(options: str, key: str, *, first: int, **fields: str) -> int | None:
    """A rating from `first` on, stored when it is given; from then on it is shown and cannot be changed."""
    place, stored_key = st.empty(), f"{key}_stored"
    if stored_key not in st.session_state:
        given = place.feedback(options, key=key)
        if given is None or not _store(rating=given + first, **fields):
            return None
        st.session_state[stored_key] = given
        st.toast(_thanks(), icon=":material/check:")
    given = st.session_state[stored_key]
    # Another widget: Streamlit takes no value from one that is disabled.
    place.feedback(options, default=given, disabled=True, key=f"{key}_given")
    return given + first


def _thanks() -> str:
    return _("Thank you. It is stored, without e-mail addresses, phone, card and ID numbers.")


def _store(**fields: object) -> bool:
    """Store one piece of feedback; False, with the sentence shown, when that is not possible."""
    with failures.shown(), admitted():
        feedback = Feedback(language=language(), session_hash=session_hash(), **fields)
        showcase().store.add_feedback(feedback)
        return True
    return False
