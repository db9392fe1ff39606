"""The recommenders side by side, each list as soon as it is there."""

from dataclasses import dataclass, field

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


@dataclass(eq=False)
class _Board:
    """The places of the lists, and which of them hold their list already."""

    demo: Demo
    shop: Shop
    lists: Lists
    places: dict[str, DeltaGenerator]
    drawn: set[str] = field(default_factory=set)
    is_waiting: bool = False

    def draw(self) -> None:
        """Show the lists that are there and not shown yet."""
        for name in self.lists.found.keys() - self.drawn:
            self.drawn.add(name)
            with self._room(name):
                card.show(self.demo, self.shop, self.lists, name)

    def draw_waiting(self) -> None:
        """The same while it takes long: the lists of before must not stay under other names.

        Not sooner: a card that was emptied for a moment would make the page jump.
        """
        self.draw()
        if not self.is_waiting:
            self.is_waiting = True
            self.places |= {name: self.places[name].empty() for name in self._left()}
            for name in self._left():
                self.places[name].caption(":material/hourglass_empty:")

    def draw_missing(self) -> None:
        for name in self._left():
            with self._room(name):
                card.show_missing(self.lists.refused.get(name))

    def _left(self) -> list[str]:
        return [name for name in self.places if name not in self.drawn]

    def _room(self, name: str) -> DeltaGenerator:
        """Where the list goes: in the place of the sign that it is waited for."""
        return self.places[name].container() if self.is_waiting else self.places[name]


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    """The lists, or what to do to get them; then what the visitor thinks of them."""
    # Without gaps: what the progress leaves behind would move everything below it.
    above = st.container(gap=None, key=f"{demo.key}_above")
    board = _Board(demo, shop, lists, _places(demo, lists))
    with above:
        _say_what_to_do(lists)
        done = work.finished(
            demo, all_lists.WORK, lists, lists.steps, label=_("Recommending…"), meanwhile=board.draw_waiting
        )
    board.draw()
    board.draw_missing()
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
    st.caption(
        _("Click an item: why it is here, I like it, or not interested. Below it: place, category and score.")
    )


def _places(demo: Demo, lists: Lists) -> dict[str, DeltaGenerator]:
    """A framed place for each list; they stand below each other where the screen is narrow."""
    grid = st.grid(
        len(lists.names),
        min_column_width=MIN_CARD_PX,
        gap="xsmall",
        key=f"{demo.key}_cards_{len(lists.names)}",
    )
    return {name: _place(demo, grid, name) for name in lists.names}


def _place(demo: Demo, grid: DeltaGenerator, name: str) -> DeltaGenerator:
    """A card with its head, and room for its list."""
    place = grid.container(border=True, height="stretch", key=f"{demo.key}_card_{name}")
    with place:
        card.head(name)
    return place


def _ask_for_feedback(demo: Demo, shop: Shop, lists: Lists) -> None:
    """What is stored of own data is how much there was, not what."""
    name, request = lists.shown[0], lists.request
    listed = [shop.dataset.items.ids[each.item] for each in lists.found[name].picks]
    question, answer = ", ".join(request.history), ", ".join(listed)
    if shop.is_own:
        question, answer = f"{len(request.history)} items of own data", f"{len(listed)} items"
    st.caption(_("Is the list of {recommender} good?").format(recommender=words.recommender_title(name)))
    feedback.ask(demo, turn_id=lists.number, question=question, answer=answer, model_id=name)
