"""A map of the catalogue: items by what their texts say, or else by who took them, and the taste among them."""

import numpy as np
import streamlit as st

from components import recommendation_focus as focus
from components import recommendation_map_figure as figure
from components import recommendation_work as work
from components.i18n import _
from components.recommendation_lists import Lists
from components.recommendation_map_figure import Marks
from components.recommendation_shop import Shop
from core.demos import Demo
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.map import project
from core.showcase import showcase

# More points would be slow to draw, and cover each other.
MAX_POINTS = 4000
SEED = 42


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    """The map once the items' texts are read, and how far it can be trusted."""
    label = _("Reading the items…")
    done = work.finished(demo, "map", shop.fits, lambda: _steps(shop.fits), label=label)
    if done is None:
        return
    vectors, projection = done.value
    history = shop.dataset.numbers(lists.request.history)
    found = lists.found.get(focus.current(demo, lists))
    marks = Marks(
        shown=_shown(shop.dataset.item_count, history),
        liked=history,
        listed=np.array([pick.item for pick in found.picks] if found else [], dtype=np.int64),
        taste=projection.place(vectors[history]) if len(history) else None,
    )
    figure.show(demo, shop, projection.points, marks)
    st.caption(_caption(has_texts=shop.dataset.has_texts).format(percent=round(100 * projection.explained)))
    if shop.dataset.item_count > MAX_POINTS:
        text = _("Shown are {shown} of {count} items, drawn by chance.")
        st.caption(text.format(shown=f"{MAX_POINTS:,}", count=f"{shop.dataset.item_count:,}"))


def _caption(*, has_texts: bool) -> str:
    if has_texts:
        return _(
            "Each point is an item, placed by what its text says; hover for its title. The two directions keep "
            "{percent} % of what sets the items apart, so close on the map is not always close in meaning. The taste "
            "is the middle of what is liked."
        )
    return _(
        "Each point is an item, placed by who took it, since the data have no texts. The two directions keep {percent} "
        "% of what sets the items apart, so close on the map is not always taken by the same people. The taste is the "
        "middle of what is liked."
    )


def _steps(fits: Fits) -> work.Steps:
    vectors = yield from fits.vectors(showcase().models)
    return vectors, project(vectors)


def _shown(count: int, history: np.ndarray) -> np.ndarray:
    """All items, or of a large shop some, with those of the history."""
    if count <= MAX_POINTS:
        return np.arange(count)
    drawn = np.random.default_rng(SEED).choice(count, MAX_POINTS, replace=False)
    return np.union1d(drawn, history)
