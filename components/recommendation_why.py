"""Why an item is in a list: what each liked item adds to its score, and the sum."""

import streamlit as st

from components import page
from components import recommendation_focus as focus
from components import recommendation_terms as terms
from components import recommendation_words as words
from components.i18n import _
from components.markup import escape
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo
from core.scenarios.recommendation.recommending import Recommended, reasons


def choose(demo: Demo, name: str, item: int) -> None:
    """Explain this item of this list from the next run on, at once in a window."""
    focus.set_to(demo, name)
    st.session_state[_item_key(demo)] = item
    st.session_state[_opened_key(demo)] = (name, item)
    section = f"{demo.key}_section"
    st.session_state[section] = "why"
    page.put_into_link(section)


def open_window(demo: Demo, shop: Shop, lists: Lists) -> None:
    """The explanation that was just asked for, over the page."""
    name, item = st.session_state.pop(_opened_key(demo), (None, None))
    if name in lists.shown:
        window = st.dialog(_("Why this?"), width="large")(_explain)
        window(demo, shop, lists.found[name], item, key="window")


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    """One item of the list that is chosen; the first one until another is."""
    name = focus.choose(demo, lists)
    if name is None:
        return
    found = lists.found[name]
    items = [pick.item for pick in found.picks]
    key = _item_key(demo)
    if st.session_state.get(key) not in items:
        st.session_state[key] = items[0]
    item = st.selectbox(_("Item"), items, format_func=shop.title, key=key)
    _explain(demo, shop, found, item, key="section")


def _explain(demo: Demo, shop: Shop, found: Recommended, item: int, *, key: str) -> None:
    """The terms as bars and as numbers, and that they add up."""
    place, pick = next((n, pick) for n, pick in enumerate(found.picks, start=1) if pick.item == item)
    own = reasons(shop.fits, found, pick)
    text = _("**{title}** is number {place} of {recommender}, with a score of {score}.")
    st.markdown(
        text.format(
            title=escape(shop.title(item)),
            place=place,
            recommender=words.recommender_title(found.recommender),
            score=f"{pick.score:z.4f}",
        )
    )
    rows = terms.rows(shop, own)
    terms.show(rows, key=f"{demo.key}_{key}_terms")
    total = sum(reason.value for reason in own)
    text = _("The terms add up: {total}. The score is {score}.")
    st.markdown(f":material/functions: {text.format(total=f'{total:z.5f}', score=f'{pick.score:z.5f}')}")
    description = shop.items.descriptions[item]
    if description:
        st.caption(escape(words.shortened(description) if shop.is_own else description))


def _item_key(demo: Demo) -> str:
    return f"{demo.key}_why_item"


def _opened_key(demo: Demo) -> str:
    return f"{demo.key}_why_opened"
