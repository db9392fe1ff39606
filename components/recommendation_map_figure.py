"""How the map is drawn: a colour and a shape for each category, stars for what is liked, a cross for the taste."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.i18n import _
from components.recommendation_shop import Shop
from core.demos import Demo

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT_PX = 560
# Seen on light and on dark; a shape comes with each, since not everybody tells colours apart.
COLOURS = (
    "#0d9488", "#f59e0b", "#6366f1", "#e11d48", "#64748b", "#84cc16", "#0ea5e9", "#d946ef", "#b45309", "#22c55e",
)  # fmt: skip
SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "hexagon")
TASTE = "#dc2626"
# As many have a colour of their own; the rest is together.
MAX_CATEGORIES = 20


@dataclass(frozen=True, eq=False)
class Marks:
    """Numbers of items that are shown, liked and in the list; and the place (2,) of the taste, if there is one."""

    shown: np.ndarray
    liked: np.ndarray
    listed: np.ndarray
    taste: np.ndarray | None


def show(demo: Demo, shop: Shop, points: np.ndarray, marks: Marks) -> None:
    # Here and not above: it takes some 0.5 s to import, which the first page would pay.
    import plotly.graph_objects as go

    drawn = go.Figure()
    groups = _groups(shop, marks.shown)
    for place, (category, numbers) in enumerate(groups.items()):
        marker = {"size": 8, "color": COLOURS[place % len(COLOURS)], "symbol": SHAPES[place % len(SHAPES)]}
        _add(drawn, shop, points, np.array(numbers), name=category, marker=marker | {"opacity": 0.75})
    ring = {"size": 17, "symbol": "circle-open", "color": "#64748b", "line": {"width": 2}}
    _add(drawn, shop, points, marks.listed, name=_("In the list"), marker=ring)
    star = {"size": 16, "symbol": "star", "color": TASTE, "line": {"width": 1, "color": "white"}}
    _add(drawn, shop, points, marks.liked, name=_("Liked"), marker=star)
    if marks.taste is not None:
        _add_taste(drawn, points[marks.liked], marks.taste)
    _lay_out(drawn)
    alt = _alt(len(groups), marks, has_texts=shop.dataset.has_texts)
    config = {"displaylogo": False, "scrollZoom": False}
    st.plotly_chart(drawn, key=f"{demo.key}_map_chart", width="stretch", config=config, alt=alt)


def _groups(shop: Shop, shown: np.ndarray) -> dict[str, list[int]]:
    """The items by category, the largest first; beyond MAX_CATEGORIES all in one."""
    categories = [shop.items.categories[number] for number in shown]
    others = _("Other")
    kept = [name for name, _count in Counter(categories).most_common(MAX_CATEGORIES) if name]
    groups: dict[str, list[int]] = {name: [] for name in kept}
    for number, category in zip(shown.tolist(), categories, strict=True):
        groups.setdefault(category if category in kept else others, []).append(number)
    return groups


def _add(
    drawn: Figure, shop: Shop, points: np.ndarray, numbers: np.ndarray, *, name: str, marker: dict
) -> None:
    if not len(numbers):
        return
    drawn.add_scatter(
        x=points[numbers, 0],
        y=points[numbers, 1],
        mode="markers",
        name=_plain(name),
        marker=marker,
        text=[_plain(shop.title(number)) for number in numbers.tolist()],
        hovertemplate="%{text}<extra>%{fullData.name}</extra>",
    )


def _add_taste(drawn: Figure, liked: np.ndarray, taste: np.ndarray) -> None:
    """A cross in the middle of what is liked, tied to each of it."""
    steps = [[place, taste.tolist(), [None, None]] for place in liked.tolist()]
    flat = [step for steps_of_one in steps for step in steps_of_one]
    line = {"color": TASTE, "width": 1, "dash": "dot"}
    xs, ys = zip(*flat, strict=True)
    drawn.add_scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", showlegend=False)
    cross = {"size": 18, "symbol": "x", "color": TASTE, "line": {"width": 1, "color": "white"}}
    name = _("Your taste")
    drawn.add_scatter(
        x=taste[:1],
        y=taste[1:],
        mode="markers+text",
        name=name,
        marker=cross,
        text=[name],
        textposition="top center",
        hovertemplate="%{text}<extra></extra>",
    )


def _lay_out(drawn: Figure) -> None:
    """No axes: the directions have no meaning that has a name."""
    axis = {"visible": False, "zeroline": False}
    drawn.update_layout(
        height=HEIGHT_PX,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        xaxis=axis,
        yaxis=axis | {"scaleanchor": "x"},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top"},
        dragmode="pan",
    )


def _plain(text: str) -> str:
    """The text with nothing in it that Plotly would take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _alt(categories: int, marks: Marks, *, has_texts: bool) -> str:
    by_texts = _(
        "Map of {items} items in {categories} groups by what their texts say; {liked} liked ones are stars, and the "
        "taste is a cross between them."
    )
    by_people = _(
        "Map of {items} items in {categories} groups by who took them; {liked} liked ones are stars, and the taste is "
        "a cross between them."
    )
    text = by_texts if has_texts else by_people
    return text.format(items=len(marks.shown), categories=categories, liked=len(marks.liked))
