"""The board of questions nobody could answer: write the answer, add it, ask again."""

import streamlit as st

from components import failures, knowledge_base, turns
from components.i18n import _
from components.markup import escape
from components.session import session_hash
from core.demos import Demo
from core.scenarios.customer_service.entries import Entry
from core.showcase import showcase
from core.store import UnansweredRow

MAX_ANSWER_CHARS = 2000
SHOWN = 20
# Rows looked through for those of the current knowledge base.
LOOKED_AT = 500


def show(demo: Demo) -> None:
    """The open questions that this session asked of the current knowledge base."""
    with failures.shown():
        rows = _open_rows(demo)
        if not rows:
            st.info(_("Nothing here yet: questions that go to a person are collected on this board."))
        for row in rows[:SHOWN]:
            _show_row(demo, row)
        if len(rows) > SHOWN:
            st.caption(_("The newest {shown} of {count}.").format(shown=SHOWN, count=len(rows)))


def _open_rows(demo: Demo) -> list[UnansweredRow]:
    bases = knowledge_base.stored_ids(demo)
    rows = showcase().store.unanswered(session_hash(), status="open", limit=LOOKED_AT)
    return [row for row in rows if row.knowledge_base in bases]


def _show_row(demo: Demo, row: UnansweredRow) -> None:
    with st.form(f"{demo.key}_unanswered_{row.id}"):
        times = _("asked: {count} ×").format(count=row.times_asked)
        st.markdown(f"**{escape(row.question)}** :gray[· {times}]")
        key = f"{demo.key}_unanswered_{row.id}"
        answer = st.text_area(
            _("The answer"), key=f"{key}_answer", max_chars=MAX_ANSWER_CHARS, persist_state="session"
        )
        label = _("Add to the knowledge base and ask again")
        if st.form_submit_button(label, key=f"{key}_add"):
            _add(demo, row, answer.strip())


def _add(demo: Demo, row: UnansweredRow, answer: str) -> None:
    if not answer:
        st.warning(_("Type the answer first."))
        return
    # First what can fail: an entry must not be added twice.
    showcase().store.mark_answered(row.id)
    entry = Entry(f"added-{row.id}", answer, row.language, questions=(row.question,))
    knowledge_base.add_entry(demo, entry)
    turns.ask_next(demo, row.question)
    st.rerun()
