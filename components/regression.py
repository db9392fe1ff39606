"""How good it is: the regression set asked live, the figures at every threshold, and the visitor's own questions."""

import streamlit as st

from components import page, results
from components.i18n import _
from core.demos import Demo
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.quality import (
    LabelledQuestion,
    Outcome,
    Quality,
    ask_all,
    measure,
    read_question_file,
    read_questions,
)
from core.scenarios.customer_service.sample import REGRESSION_PATH
from core.showcase import showcase
from core.types import Progress

MAX_FILE_BYTES = 1024 * 1024
THRESHOLDS = [step / 50 for step in range(10, 50)]


def show(demo: Demo, base: KnowledgeBase, *, threshold: float) -> None:
    """Measure on demand; moving the threshold slider above moves the figures without asking again."""
    st.markdown(
        _(
            "The questions below were written for this knowledge base by hand and were never used to tune it: "
            "paraphrases, ambiguous and out-of-scope questions, small talk, typos."
        )
    )
    outcomes_key = f"{demo.key}_outcomes"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measured = st.button(
            _("Measure now"), key=f"{demo.key}_measure", type="primary", icon=":material/speed:"
        )
        own = st.file_uploader(
            _("Or your own test questions (CSV: language, question, kind, entry_ids)"),
            type="csv",
            key=f"{demo.key}_own_questions",
            max_upload_size=1,
        )
    if measured:
        with page.running(_("Asking every question…"), action="measure"):
            questions = _questions(own)
            st.session_state[outcomes_key] = _ask(base, questions)
    if outcomes := st.session_state.get(outcomes_key):
        _show_figures(demo, outcomes, threshold)


def _questions(own: object) -> tuple[LabelledQuestion, ...]:
    if own is None:
        return read_question_file(REGRESSION_PATH)
    return read_questions(own.getvalue()[:MAX_FILE_BYTES].decode("utf-8-sig", errors="replace"))


def _ask(base: KnowledgeBase, questions: tuple[LabelledQuestion, ...]) -> list[Outcome]:
    bar = st.progress(0.0)
    outcomes = []
    for step in ask_all(showcase().models, base, questions):
        if isinstance(step, Progress):
            bar.progress(
                step.fraction, text=_("{done} of {total} questions").format(done=step.done, total=step.total)
            )
        else:
            outcomes = step
    bar.empty()
    return outcomes


def _show_figures(demo: Demo, outcomes: list[Outcome], threshold: float) -> None:
    rows = [_row(quality) for quality in measure(outcomes, threshold)]
    st.dataframe(rows, hide_index=True, key=f"{demo.key}_quality", alt=_("Quality per language"))
    st.line_chart(
        {
            _("threshold"): THRESHOLDS,
            **{name: [_mean(outcomes, t, field) for t in THRESHOLDS] for name, field in _curves().items()},
        },
        x=_("threshold"),
        height=260,
        alt=_("Answered and refused shares at every threshold"),
    )
    wrong = [
        outcome for outcome in outcomes if outcome.asked.kind == "answerable" and not outcome.is_right_first
    ]
    with st.expander(
        _("Questions whose first entry is not the right one ({count})").format(count=len(wrong))
    ):
        st.dataframe([_miss(outcome) for outcome in wrong], hide_index=True, key=f"{demo.key}_misses")
    results.downloads("quality", rows, key=f"{demo.key}_quality_file")


def _curves() -> dict[str, str]:
    return {_("answered right"): "deflection", _("out of scope refused"): "refusal_recall"}


def _mean(outcomes: list[Outcome], threshold: float, field: str) -> float:
    values = [getattr(quality, field) for quality in measure(outcomes, threshold)]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def _row(quality: Quality) -> dict[str, object]:
    return {
        _("Language"): quality.language,
        _("Questions"): quality.questions,
        _("Right entry first"): _percent(quality.right_entry_first),
        _("Answered right"): _percent(quality.deflection),
        _("Wrong among answers"): _percent(quality.wrong_answers),
        _("Out of scope refused"): _percent(quality.refusal_recall),
        _("Handed over rightly"): _percent(quality.handover_precision),
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _miss(outcome: Outcome) -> dict[str, str]:
    best = outcome.reply.best
    return {
        _("Question"): outcome.asked.text,
        _("Expected"): "|".join(outcome.asked.entry_ids),
        _("Found"): best.entry.entry_id if best else "",
        _("Score"): f"{best.score:.2f}" if best else "",
    }
