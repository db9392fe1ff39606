"""Thumbs, a reason and a better answer, without a login; stars at the end of a conversation."""

import streamlit as st

from components import failures
from components.i18n import _, language
from components.session import session_id
from core.demos import Demo
from core.showcase import showcase
from core.store import Feedback

MAX_REASON_CHARS = 500


def ask(demo: Demo, *, question: str, answer: str, model_id: str, turn: int) -> None:
    """Ask what the visitor thinks of one result; a thumb is stored at once, words when sent."""
    key = f"{demo.key}_feedback_{turn}"
    thumb = st.feedback("thumbs", key=f"{key}_thumb")
    if thumb is None:
        return
    about = {"demo": demo.demo_id, "question": question, "answer": answer, "model_id": model_id}
    if st.session_state.get(f"{key}_stored") != thumb and _store(kind="thumb", rating=thumb, **about):
        st.session_state[f"{key}_stored"] = thumb
    with st.form(f"{key}_form", border=False):
        reason = st.text_input(
            _("What was good or bad about it?"), max_chars=MAX_REASON_CHARS, key=f"{key}_reason"
        )
        better = st.text_area(
            _("A better answer"), max_chars=MAX_REASON_CHARS, key=f"{key}_better", height=68
        )
        sent = st.form_submit_button(_("Send"), key=f"{key}_send")
    if sent and _store(kind="correction", rating=thumb, reason=reason, correction=better, **about):
        st.success(_("Thank you. It is stored, without personal data."), icon=":material/check:")


def stars(demo: Demo, *, turns: int) -> None:
    """How satisfied the visitor is with the whole conversation."""
    key = f"{demo.key}_csat"
    st.caption(_("How satisfied are you with this conversation?"))
    rating = st.feedback("stars", key=key)
    if rating is None or st.session_state.get(f"{key}_stored") == rating:
        return
    about = {"demo": demo.demo_id, "question": "", "answer": "", "model_id": "", "reason": f"{turns} turns"}
    if _store(kind="csat", rating=rating + 1, **about):
        st.session_state[f"{key}_stored"] = rating
        st.toast(_("Thank you. It is stored, without personal data."), icon=":material/check:")


def _store(**fields: object) -> bool:
    """Store one piece of feedback; False, with the sentence shown, when the database cannot be written."""
    with failures.shown():
        showcase().store.add_feedback(Feedback(language=language(), session_hash=session_id()[:8], **fields))
        return True
    return False
