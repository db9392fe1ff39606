"""The recommenders side by side, each list as soon as it is there."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import feedback
from components import recommendation_card as card
from components import recommendation_lists as all_lists
from components import recommendation_words as words
from components import recommendation_work as work
from components.i18n import _
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo

# Below it, titles would break after every word.
MIN_CARD_PX = 210


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    """The lists, or what to do to get them; then what the visitor thinks of them."""
    _say_what_to_do(lists)
    places = _places(demo, lists)
    drawn = set[str]()

    def draw() -> None:
        for name in lists.found.keys() - drawn:
            drawn.add(name)
            with places[name]:
                card.show(demo, shop, lists, name)

    label = _("Recommending…")
    done = work.finished(demo, all_lists.WORK, lists, lists.steps, label=label, meanwhile=draw)
    draw()
    for name in lists.names:
        if name not in drawn:
            with places[name]:
                card.show_missing(name, lists.refused.get(name))
    if done and lists.refused:
        again = {"on_click": all_lists.forget, "args": (demo,), "icon": ":material/refresh:"}
        st.button(_("Try again"), key=f"{demo.key}_try_again", **again)
    if done and lists.shown and lists.request.history:
        _ask_for_feedback(demo, shop, lists)


def _say_what_to_do(lists: Lists) -> None:
    if not lists.request.history:
        text = _(
            "Pick items that you like, three for example, take an example above, or take a visitor's history. Until "
            "then there is only what most people take."
        )
        st.info(text, icon=":material/recommend:")
        return
    st.caption(_("Click an item: why it is here, I like it, or not interested. Numbers are the scores."))


def _places(demo: Demo, lists: Lists) -> dict[str, DeltaGenerator]:
    """A framed place for each list; they stand below each other where the screen is narrow."""
    grid = st.grid(
        len(lists.names),
        min_column_width=MIN_CARD_PX,
        gap="xsmall",
        key=f"{demo.key}_cards_{len(lists.names)}",
    )
    return {
        name: grid.container(border=True, height="stretch", key=f"{demo.key}_card_{name}")
        for name in lists.names
    }


def _ask_for_feedback(demo: Demo, shop: Shop, lists: Lists) -> None:
    """What is stored of own data is how much there was, not what."""
    name, request = lists.shown[0], lists.request
    listed = [shop.dataset.items.ids[each.item] for each in lists.found[name].picks]
    question, answer = ", ".join(request.history), ", ".join(listed)
    if shop.is_own:
        question, answer = f"{len(request.history)} items of own data", f"{len(listed)} items"
    st.caption(_("Is the list of {recommender} good?").format(recommender=words.recommender_title(name)))
    feedback.ask(demo, turn_id=lists.number, question=question, answer=answer, model_id=name)
