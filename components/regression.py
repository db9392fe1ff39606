"""How good it is: labelled questions asked live, and the figures at every threshold."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import card_figures, page, quality_figures
from components.i18n import _
from core.demos import Demo
from core.encodings import decode
from core.errors import N_, InputTooLargeError
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.quality import (
    CurvePoint,
    LabelledQuestion,
    Outcome,
    ask_all,
    curve,
    read_question_file,
    read_questions,
)
from core.scenarios.customer_service.sample import REGRESSION_PATH
from core.showcase import showcase
from core.types import Progress

MAX_FILE_MB = 1
THRESHOLDS = [step / 50 for step in range(10, 50)]


@dataclass(frozen=True)
class Measured:
    """What was measured of one knowledge base; another one, or the same with one entry more, has none of it."""

    base: KnowledgeBase
    outcomes: list[Outcome]
    curve: list[CurvePoint]


def show(demo: Demo, base: KnowledgeBase, *, is_own: bool, threshold: float) -> None:
    """Measure on demand; moving the threshold slider above moves the figures without asking again."""
    key = f"{demo.key}_measured"
    st.markdown(_own_text() if is_own else _sample_text())
    file = _ask_for_file(demo, is_own=is_own)
    label = _("Measure now")
    is_wanted = st.button(label, key=f"{demo.key}_measure", type="primary", icon=":material/speed:")
    if is_wanted and is_own and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_wanted:
        with page.running(_("Asking every question…"), action="measure"):
            st.session_state[key] = _measured(base, _questions(file))
    measured = st.session_state.get(key)
    if measured and measured.base is base:
        quality_figures.show(demo, measured.outcomes, measured.curve, threshold=threshold)
    card_figures.show(demo)


def _sample_text() -> str:
    return _(
        "The regression set was written by hand for the sample knowledge base and was never used to tune it: "
        "paraphrases, ambiguous and out-of-scope questions, small talk, typos."
    )


def _own_text() -> str:
    return _(
        "The regression set belongs to the sample and says nothing about your knowledge base. Bring questions of "
        "your own with what is right for each: the ids of the entries are in the file under Knowledge base."
    )


def _ask_for_file(demo: Demo, *, is_own: bool) -> UploadedFile | None:
    label = _("Your own test questions") if is_own else _("Or your own test questions")
    return st.file_uploader(
        label,
        type="csv",
        key=f"{demo.key}_own_questions",
        max_upload_size=MAX_FILE_MB,
        help=_(
            "CSV with the columns language (en, zh), question, kind (answerable, ambiguous, out_of_scope) and "
            "entry_ids (several are separated by |)."
        ),
    )


def _questions(file: UploadedFile | None) -> tuple[LabelledQuestion, ...]:
    if file is None:
        return read_question_file(REGRESSION_PATH)
    if file.size > MAX_FILE_MB * 2**20:
        raise InputTooLargeError(N_("Keep the file under {limit} MB."), limit=MAX_FILE_MB)
    return read_questions(decode(file.getvalue()))


def _measured(base: KnowledgeBase, questions: tuple[LabelledQuestion, ...]) -> Measured:
    bar, outcomes = st.progress(0.0), list[Outcome]()
    text = _("{done} of {total} questions")
    for step in ask_all(showcase().models, base, questions):
        if isinstance(step, Progress):
            bar.progress(step.fraction, text=text.format(done=step.done, total=step.total))
        else:
            outcomes = step
    bar.empty()
    return Measured(base, outcomes, curve(outcomes, THRESHOLDS))
