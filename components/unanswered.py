"""The board of questions nobody could answer: write the answer, add it, ask again."""

import streamlit as st

from components import conversation, failures, knowledge_base
from components.i18n import _
from components.markup import escape
from components.session import session_id
from core.demos import Demo
from core.scenarios.customer_service.entries import Entry
from core.showcase import showcase
from core.store import UnansweredRow

MAX_ANSWER_CHARS = 2000
SHOWN = 20


def show(demo: Demo) -> None:
    """The open questions of this session."""
    with failures.shown():
        rows = showcase().store.unanswered(session_id(), status="open", limit=SHOWN)
        if not rows:
            st.info(_("Nothing here yet: questions that go to a person are collected on this board."))
        _show_rows(demo, rows)


def _show_rows(demo: Demo, rows: list[UnansweredRow]) -> None:
    for row in rows:
        with st.form(f"{demo.key}_unanswered_{row.id}"):
            times = _("asked {count} times").format(count=row.times_asked)
            st.markdown(f"**{escape(row.question)}** :gray[· {times}]")
            answer = st.text_area(
                _("The answer"), key=f"{demo.key}_unanswered_{row.id}_answer", max_chars=MAX_ANSWER_CHARS
            )
            label = _("Add to the knowledge base and ask again")
            if st.form_submit_button(label, key=f"{demo.key}_unanswered_{row.id}_add"):
                _add(demo, row, answer.strip())


def _add(demo: Demo, row: UnansweredRow, answer: str) -> None:
    if not answer:
        st.warning(_("Type the answer first."))
        return
    entry = Entry(f"added-{row.id}", answer, row.language, questions=(row.question,))
    knowledge_base.add_entry(demo, entry)
    showcase().store.mark_answered(row.id)
    conversation.ask_next(demo, row.question)
    st.rerun()
