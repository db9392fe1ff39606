"""What if: for each liked item, which items leave the list without it; computed, not guessed."""

import streamlit as st

from components import recommendation_focus as focus
from components import recommendation_work as work
from components.i18n import _
from components.markup import escape
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo
from core.scenarios.recommendation.recommending import what_if
from core.showcase import showcase


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    name = focus.choose(demo, lists)
    if name is None:
        return
    st.markdown(_("Each liked item is taken out in turn, and the whole list is made anew without it."))
    request = lists.request_of(name)
    done = work.finished(
        demo,
        "what_if",
        (lists.fits, request),
        lambda: what_if(showcase().models, lists.fits, request),
        label=_("Taking one item out after the other…"),
    )
    if done:
        _show(shop, done.value)


def _show(shop: Shop, leaving: dict[str, tuple[str, ...]]) -> None:
    """A line for each liked item, the one that matters most first."""
    rows = sorted(leaving.items(), key=lambda entry: -len(entry[1]))
    nothing = _("nothing leaves")
    table = {
        _("Without"): [_title(shop, liked) for liked, _left in rows],
        _("Leave the list"): [len(left) for _liked, left in rows],
        _("Which"): [
            ", ".join(_title(shop, item_id) for item_id in left) or nothing for _liked, left in rows
        ],
    }
    st.table(table, hide_index=True, alt=_("What leaves the list without each liked item"))
    if not any(leaving.values()):
        st.caption(_("No item hangs on a single liked one: this list does not follow your history closely."))


def _title(shop: Shop, item_id: str) -> str:
    return escape(shop.title_of(item_id))
