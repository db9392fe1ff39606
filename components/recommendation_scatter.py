"""Accuracy against difference: what the sliders trade, a point for each recommender."""

from collections.abc import Sequence

import streamlit as st

from components import recommendation_figures as figures
from components import recommendation_words as words
from components.i18n import _
from core.demos import Demo
from core.scenarios.recommendation.recommending import Row

HEIGHT_PX = 320


def show(demo: Demo, rows: Sequence[Row], plain: Sequence[Row], *, k: int) -> None:
    """Filled points for now, hollow ones for both sliders at 0, with the interval of the accuracy."""
    # Here and not above: it takes some 0.4 s to import, which the first page would pay.
    import altair as alt

    points = [_point(row, is_now=True) for row in rows] + [_point(row, is_now=False) for row in plain]
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("diversity:Q", title=_("Difference"), scale=alt.Scale(zero=False, padding=36)),
        color=alt.Color("colour:N", scale=None),
    )
    highest = 1.1 * max(point["high"] for point in points) or 1.0
    accuracy = alt.Y("ndcg:Q", title=f"NDCG@{k}", scale=alt.Scale(domain=[0, highest]))
    tooltip = [
        alt.Tooltip("name:N", title=_("Recommender")),
        alt.Tooltip("ndcg:Q", title=f"NDCG@{k}", format=".3f"),
        alt.Tooltip("diversity:Q", title=_("Difference"), format=".3f"),
    ]
    bars = base.mark_rule().encode(y="low:Q", y2="high:Q")
    now = base.transform_filter("datum.is_now").mark_point(filled=True, size=140, opacity=1)
    before = base.transform_filter("!datum.is_now").mark_point(filled=False, size=90)
    names = base.transform_filter("datum.is_now").mark_text(dy=-14, align="center", fontSize=13)
    layers = alt.layer(
        bars,
        now.encode(y=accuracy, tooltip=tooltip),
        before.encode(y=accuracy, tooltip=tooltip),
        names.encode(y=accuracy, text="name:N"),
    ).properties(height=HEIGHT_PX)
    st.altair_chart(layers, width="stretch", key=f"{demo.key}_scatter", alt=_alt(rows, k))
    caption = _("Up: more hidden items found. Right: items of a list differ more.")
    hollow = _("Hollow: the same with both sliders at 0.")
    st.caption(f"{caption} {hollow}" if plain else caption)


def _point(row: Row, *, is_now: bool) -> dict[str, object]:
    return {
        "name": words.recommender_title(row.recommender),
        "colour": words.COLOURS[row.recommender],
        "is_now": is_now,
        "diversity": figures.mean(row.diversity),
        "ndcg": row.ndcg.mean,
        "low": max(0.0, row.ndcg.mean - row.ndcg.margin),
        "high": row.ndcg.mean + row.ndcg.margin,
    }


def _alt(rows: Sequence[Row], k: int) -> str:
    text = _("{name}: NDCG@{k} {ndcg}, difference {diversity}")
    return "; ".join(
        text.format(
            name=words.recommender_title(row.recommender),
            k=k,
            ndcg=f"{row.ndcg.mean:.3f}",
            diversity=f"{figures.mean(row.diversity):z.3f}",
        )
        for row in rows
    )
