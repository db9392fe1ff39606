"""What was said in a shop during this session: likes, whose history was taken, what is not wanted."""

from dataclasses import dataclass, field

import streamlit as st

from components import recommendation_shop as shops
from components.i18n import _
from components.recommendation_shop import Shop
from core.demos import Demo

MAX_LIKED = 50


@dataclass
class Visit:
    """What was said in one shop: likes, whose history was taken, what is not wanted; by their ids."""

    liked: list[str] = field(default_factory=list)
    user: str | None = None
    dismissed: list[str] = field(default_factory=list)


def visit(demo: Demo, shop: Shop) -> Visit:
    visits = st.session_state.setdefault(shops.visits_key(demo), {})
    return visits.setdefault(shop.dataset_id, Visit())


def history(demo: Demo, shop: Shop) -> tuple[str, ...]:
    """The ids of everything that the lists go by."""
    said = visit(demo, shop)
    user_id = user(demo, shop)
    taken = () if user_id is None else shop.dataset.history_of(user_id)
    return tuple(dict.fromkeys((*taken, *said.liked)))


def user(demo: Demo, shop: Shop) -> str | None:
    """Whose history was taken, if anybody's."""
    return visit(demo, shop).user if st.session_state.get(f"{demo.key}_mode") == "user" else None


def like(demo: Demo, shop: Shop, item_id: str) -> None:
    liked = visit(demo, shop).liked
    if len(liked) >= MAX_LIKED:
        text = _("You like {limit} items already, the most there may be. Take one out first.")
        st.toast(text.format(limit=MAX_LIKED), icon=":material/block:")
    elif item_id not in liked:
        liked.append(item_id)


def dismiss(demo: Demo, shop: Shop, item_id: str) -> None:
    """Take an item out of all lists; it comes no more until that is undone."""
    said = visit(demo, shop)
    if item_id not in said.dismissed:
        said.dismissed.append(item_id)
