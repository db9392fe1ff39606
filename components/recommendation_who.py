"""Who the lists are for: items that a visitor picks, or the history of somebody who is in the data."""

from itertools import islice

import streamlit as st

from components import failures, page
from components import recommendation_shop as shops
from components import recommendation_words as words
from components.i18n import _
from components.markup import escape
from components.recommendation_shop import Shop
from components.recommendation_visit import MAX_LIKED, Visit, visit
from core.demos import Demo, Example
from core.scenarios.recommendation.fits import SAMPLE_ID

# Of a list to choose from; whoever isn't in it can be typed, or looked for.
MAX_OPTIONS = 5000
MAX_FOUND = 100
SHOWN_HISTORY = 8


def take_example(demo: Demo, example: Example) -> None:
    """Begin anew in the sample shop with what the example stands for."""
    shops.use_sample(demo)
    ids = example.text.split()
    is_user = example.example_id == "visitor"
    visits = st.session_state.setdefault(shops.visits_key(demo), {})
    visits[SAMPLE_ID] = Visit(user=ids[0]) if is_user else Visit(liked=ids)
    st.session_state[f"{demo.key}_mode"] = "user" if is_user else "picks"
    page.put_into_link(f"{demo.key}_mode")


def ask(demo: Demo, shop: Shop) -> None:
    """Picked items or a history, and what is not wanted."""
    said, mode = visit(demo, shop), _mode(demo)
    if mode == "user":
        _ask_for_user(demo, shop, said)
    _ask_for_items(demo, shop, said, label=_("And you like") if mode == "user" else _("You like"))
    _show_dismissed(demo, shop, said)


def _mode(demo: Demo) -> str:
    key = f"{demo.key}_mode"
    titles = {"picks": _("I pick items"), "user": _("A visitor's history")}
    return page.choice(_("Who is it for?"), titles, key=key, is_labelled=True)


def _ask_for_user(demo: Demo, shop: Shop, said: Visit) -> None:
    key, users = f"{demo.key}_user", shop.dataset.interactions.users
    options = list(users[:MAX_OPTIONS])
    if said.user is not None and said.user not in options:
        options.append(said.user)
    st.session_state[key] = said.user
    label = _("Simulated visitor") if shop.dataset.is_synthetic else _("Visitor")
    st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda user_id: words.user_title(shop.dataset, user_id),
        key=key,
        accept_new_options=len(users) > MAX_OPTIONS,
        placeholder=_("Choose a visitor"),
        on_change=_take_user,
        args=(key, said),
    )
    if said.user is None:
        return
    with failures.shown():
        _show_history(shop, said.user)
        return
    # Typed, and not in the data; or with more items than a list is made for.
    said.user = None


def _take_user(key: str, said: Visit) -> None:
    said.user = st.session_state[key]


def _show_history(shop: Shop, user_id: str) -> None:
    ids = shop.dataset.history_of(user_id)
    names = [escape(shop.title_of(item_id)) for item_id in ids[:SHOWN_HISTORY]]
    more = len(ids) - len(names)
    line = _("Took {count}: {items}").format(count=len(ids), items=", ".join(names))
    st.caption(f"{line} +{more}" if more else line)


def _ask_for_items(demo: Demo, shop: Shop, said: Visit, *, label: str) -> None:
    key = f"{demo.key}_liked"
    st.session_state[key] = list(said.liked)
    st.multiselect(
        label,
        _options(demo, shop, said),
        format_func=shop.title_of,
        key=key,
        max_selections=MAX_LIKED,
        placeholder=_("Pick three items, for example"),
        on_change=_take_liked,
        args=(key, said),
        select_all=False,
        wrap=True,
    )


def _options(demo: Demo, shop: Shop, said: Visit) -> list[str]:
    """The items to choose from; of a large shop, those whose title has what is looked for."""
    ids = shop.dataset.items.ids
    if len(ids) <= MAX_OPTIONS:
        return list(ids)
    wanted = (
        st.text_input(_("Look for an item"), key=f"{demo.key}_look_for", max_chars=100).strip().casefold()
    )
    found = (
        item_id
        for item_id, title in zip(ids, shop.items.titles, strict=True)
        if wanted in title.casefold() or wanted == item_id.casefold()
    )
    return list(dict.fromkeys((*said.liked, *islice(found, MAX_FOUND))))


def _take_liked(key: str, said: Visit) -> None:
    said.liked = list(st.session_state[key])


def _show_dismissed(demo: Demo, shop: Shop, said: Visit) -> None:
    """Everything that is not wanted, each with the way back."""
    if not said.dismissed:
        return
    st.caption(_("Not interested; click to undo:"))
    with st.container(horizontal=True, gap="xsmall", key=f"{demo.key}_dismissed"):
        for item_id in said.dismissed:
            number = shop.dataset.number(item_id)
            undo = {"on_click": said.dismissed.remove, "args": (item_id,), "icon": ":material/undo:"}
            st.button(escape(shop.title(number)), key=f"{demo.key}_undo_{number}", **undo)
