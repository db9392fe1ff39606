"""The score against the operating point, as a small plot: band, threshold, spread and score on one line."""

import streamlit as st

from components.i18n import _
from core.demos import Demo
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import Reading

# Of which the axis below takes what the middle line leaves.
HEIGHT_PX, MIDDLE_PX, BAND_PX = 84, 28, 52
BAND, SPREAD, SCORE, THRESHOLD = "#a78bfa", "#0d9488", "#0d9488", "#dc2626"


def show(demo: Demo, reading: Reading, rule: Rule) -> None:
    # Here and not above: it takes some 0.4 s to import, which the first page would pay.
    import altair as alt

    scale = alt.Scale(domain=[-0.02, 1.02], nice=False)
    axis = alt.Axis(title=None, grid=False, values=[0, 0.25, 0.5, 0.75, 1], format=".2f")

    def at(low: float, high: float | None = None) -> alt.Chart:
        """A mark from one score to another, or at one, on the middle line."""
        encoded = {"x": alt.X("low:Q", scale=scale, axis=axis), "y": alt.value(MIDDLE_PX)}
        if high is not None:
            encoded["x2"] = "high:Q"
        return alt.Chart(alt.Data(values=[{"low": low, "high": high}])).encode(**encoded)

    spread = reading.spread
    layers = [
        at(rule.low, min(rule.high, 1.0)).mark_bar(color=BAND, opacity=0.35, height=BAND_PX),
        at(min(rule.point.threshold, 1.0)).mark_tick(color=THRESHOLD, thickness=3, size=BAND_PX, opacity=1),
        at(spread.lowest, spread.highest).mark_bar(color=SPREAD, height=8, cornerRadius=4),
        at(reading.score).mark_point(color=SCORE, filled=True, size=190, opacity=1),
    ]
    chart = alt.layer(*layers).properties(height=HEIGHT_PX).configure_view(strokeWidth=0)
    st.altair_chart(chart, key=f"{demo.key}_plot", width="stretch", alt=_alt(reading, rule))
    st.caption(_legend())


def _alt(reading: Reading, rule: Rule) -> str:
    text = _("Score {score}, copies {low} to {high}; threshold {threshold}, not sure from {from_} to {to}.")
    return text.format(
        score=f"{reading.score:.2f}",
        low=f"{reading.spread.lowest:.2f}",
        high=f"{reading.spread.highest:.2f}",
        threshold=f"{rule.point.threshold:.2f}",
        from_=f"{rule.low:.2f}",
        to=f"{rule.high:.2f}",
    )


def _legend() -> str:
    return _(
        "Dot: the score. Bar: lowest to highest of the altered copies. Red line: the threshold. Violet: not sure."
    )
