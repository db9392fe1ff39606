"""The figures of a set of labelled questions: a table, a curve over the thresholds, and what went wrong."""

import streamlit as st

from components import results
from components.i18n import _
from core.demos import Demo
from core.scenarios.customer_service.quality import CurvePoint, Outcome, Quality, measure


def show(demo: Demo, outcomes: list[Outcome], curve: list[CurvePoint], *, threshold: float) -> None:
    """Everything at the threshold that the slider has now."""
    rows = [_row(quality) for quality in measure(outcomes, threshold)]
    models = ", ".join(sorted({outcome.reply.model.model_id for outcome in outcomes}))
    st.caption(
        _("Measured with {models}, at the threshold {threshold}.").format(
            models=models, threshold=f"{threshold:.2f}"
        )
    )
    st.dataframe(rows, hide_index=True, key=f"{demo.key}_quality", alt=_("Quality per language"))
    _show_curve(curve)
    wrong = [
        outcome for outcome in outcomes if outcome.asked.kind == "answerable" and not outcome.is_right_first
    ]
    title = _("Questions whose first entry is not the right one ({count})").format(count=len(wrong))
    with st.expander(title):
        st.dataframe([_miss(outcome) for outcome in wrong], hide_index=True, key=f"{demo.key}_misses")
    results.downloads("quality", rows, key=f"{demo.key}_quality_file")


def _show_curve(curve: list[CurvePoint]) -> None:
    lines = {
        _("threshold"): [point.threshold for point in curve],
        _("answered right"): [point.answered_right for point in curve],
        _("out of scope refused"): [point.refused for point in curve],
    }
    alt = _("Answered and refused shares at every threshold")
    st.line_chart(lines, x=_("threshold"), height=260, alt=alt)


def _row(quality: Quality) -> dict[str, object]:
    return {
        _("Language"): quality.language,
        _("Questions"): quality.questions,
        _("Right entry first"): _percent(quality.right_entry_first),
        _("Answered right"): _percent(quality.deflection),
        _("Wrong among answers"): _percent(quality.wrong_answers),
        _("Out of scope refused"): _percent(quality.refusal_recall),
        _("Hand-overs that were right"): _percent(quality.handover_precision),
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
