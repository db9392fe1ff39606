"""A confusion matrix: what the pictures show against what was answered."""

from collections.abc import Sequence

import streamlit as st

from components.i18n import _


def show(shown: Sequence[str], said: Sequence[str], counts: Sequence[Sequence[int]], *, key: str) -> None:
    """A row for each thing shown, a column for each answer; `counts` has a number for each pair."""
    import altair as alt  # takes a moment to import, and few parts of the page draw with it

    cells = [
        {"shown": row, "said": column, "count": count}
        for row, numbers in zip(shown, counts, strict=True)
        for column, count in zip(said, numbers, strict=True)
    ]
    base = alt.Chart(alt.Data(values=cells)).encode(
        x=alt.X("said:N", sort=list(said), title=_("Answered"), axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("shown:N", sort=list(shown), title=_("Really shown")),
    )
    # By the root: a few mistakes among thousands of right answers are still seen.
    shades = alt.Scale(type="sqrt", range=["#0f766e0c", "#0f766e"])
    squares = base.mark_rect().encode(color=alt.Color("count:Q", scale=shades, legend=None))
    most = max(1, max(map(max, counts)))
    light = alt.condition(f"datum.count > {most / 5}", alt.value("white"), alt.value("#64748b"))
    numbers = base.mark_text().encode(text="count:Q", color=light)
    chart = (squares + numbers).properties(height=max(180, 34 * len(shown) + 90))
    st.altair_chart(chart, width="stretch", key=key, alt=_("Confusion matrix"))
