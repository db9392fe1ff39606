"""The lists to take away."""

import streamlit as st

from components import results
from components.i18n import _
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    """All lists in one file; data that are synthetic are called so in every row."""
    if not lists.shown:
        st.caption(_("There is no list to take away yet."))
        return
    st.markdown(_("All lists as they stand above, an item a row."))
    results.downloads("recommendations", rows(shop, lists), key=f"{demo.key}_file")


def rows(shop: Shop, lists: Lists) -> list[dict[str, object]]:
    return [
        {
            "recommender": name,
            "place": place,
            "item": shop.items.ids[pick.item],
            "title": shop.items.titles[pick.item],
            "category": shop.items.categories[pick.item],
            "score": round(pick.score, 6),
            "synthetic": shop.dataset.is_synthetic,
        }
        for name in lists.shown
        for place, pick in enumerate(lists.found[name].picks, start=1)
    ]
