"""A person's better words for one sentence: remembered, and put in its place at once."""

import streamlit as st

from components import failures, translation_memory
from components.i18n import _
from components.session import admitted
from components.translation_jobs import Job
from core.demos import Demo
from core.limits import MAX_TRANSLATION_CHARS
from core.scenarios.translation.growing import GrowingTranslation

# How much of a sentence tells it from the others in a list.
LABEL_CHARS = 60


def show(demo: Demo, job: Job) -> None:
    """Choose a sentence, say it better."""
    work: GrowingTranslation = job.work
    key = f"{demo.key}_correction_{job.number}"
    with st.expander(_("Correct it"), icon=":material/edit:", key=f"{key}_shown"):
        number = _choose(work, key)
        done = work.done[number]
        with st.form(f"{key}_form_{number}", border=False):
            text = st.text_area(
                _("Your translation of this sentence"),
                done.text,
                max_chars=MAX_TRANSLATION_CHARS,
                key=f"{key}_text_{number}",
            )
            st.caption(_("The next time this sentence comes, your words are used."))
            is_sent = st.form_submit_button(_("Remember it"), key=f"{key}_send_{number}")
        if is_sent and _remember(work, number, text.strip()):
            st.rerun()


def _choose(work: GrowingTranslation, key: str) -> int:
    if len(work.done) == 1:
        return 0
    numbers = list(range(len(work.done)))
    return st.selectbox(
        _("Sentence"),
        numbers,
        format_func=lambda number: f"{number + 1}. {work.done[number].source_text[:LABEL_CHARS]}",
        key=f"{key}_sentence",
    )


def _remember(work: GrowingTranslation, number: int, text: str) -> bool:
    """Store it and show it; False, with the sentence shown, when that is not possible."""
    if not text:
        st.warning(_("Type the translation first."))
        return False
    with failures.shown(), admitted():
        source = work.done[number].source_text
        memory = translation_memory.of_visitor()
        memory.remember(source, text, source=work.source, target=work.request.target)
        work.correct(number, text)
        return True
    return False
