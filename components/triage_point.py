"""The operating point: chosen by the visitor, with what was measured at it. Choosing asks no model."""

import math

import streamlit as st

from components import page, triage_words
from components.i18n import _
from core.calibration import Calibration
from core.demos import Demo
from core.scenarios.triage import findings
from core.scenarios.triage.findings import Rule


def choose(demo: Demo, calibration: Calibration) -> Rule:
    """The rule at the operating point that is chosen; the choice is in the link."""
    known = {point.point_id: triage_words.point(point) for point in findings.points(calibration)}
    chosen = page.choice(
        _("Operating point"),
        known,
        key=f"{demo.key}_point",
        default=findings.default_point(calibration).point_id,
        help=_("Decides the same scores again, at once: no model is asked."),
    )
    rule = findings.rule(calibration, chosen)
    _show_figures(rule)
    return rule


def _show_figures(rule: Rule) -> None:
    point = rule.point
    threshold = _("Threshold {threshold}; not sure from {low} to {high}.").format(
        threshold=f"{point.threshold:.2f}", low=f"{rule.low:.2f}", high=f"{rule.high:.2f}"
    )
    st.caption(f"{threshold} {figures(rule)}")


def figures(rule: Rule) -> str:
    """What was measured at the operating point, and on what; or that nobody did."""
    point = rule.point
    if math.isnan(point.sensitivity):
        return _not_measured()
    return _(
        "At this threshold, on {test_set}: sensitivity {sensitivity}, specificity {specificity}; in brackets 95 % "
        "intervals."
    ).format(
        test_set=triage_words.measured_on(point),
        sensitivity=triage_words.interval(point.sensitivity, point.sensitivity_interval),
        specificity=triage_words.interval(point.specificity, point.specificity_interval),
    )


def _not_measured() -> str:
    return _("Nobody has measured this model's sensitivity and specificity here.")
