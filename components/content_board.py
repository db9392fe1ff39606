"""The drafts of a session: cards in a row, each under a number of its own, and what is to be written next."""

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from core.demos import Demo
from core.limits import MAX_VARIANTS
from core.scenarios.content.brief import Brief
from core.scenarios.content.variants import Variant
from core.types import GenerationOptions

# Three times what the longest brief allows.
MAX_TEXT_CHARS = 6000


@dataclass(frozen=True)
class Card:
    """A draft under a number that no other draft of the session ever gets."""

    card_id: int
    variant: Variant
    when: datetime


@dataclass(frozen=True)
class Order:
    """What to write, and between which cards of the board it goes."""

    brief: Brief
    options: GenerationOptions
    n: int
    model_id: str | None = None
    like: str = ""
    before: tuple[Card, ...] = ()
    after: tuple[Card, ...] = ()


def cards(demo: Demo) -> list[Card]:
    """The cards on the board; the list stays the same object for the whole session."""
    return st.session_state.setdefault(f"{demo.key}_cards", [])


def text_key(demo: Demo, card: Card) -> str:
    """Where the session keeps the text of this card as it was edited."""
    return f"{demo.key}_text_{card.card_id}"


def text_of(demo: Demo, card: Card) -> str:
    """The card's text, edited or as the model wrote it; what is too long for a draft is not looked at."""
    return st.session_state.get(text_key(demo, card), card.variant.text)[:MAX_TEXT_CHARS]


def new_ids(demo: Demo, count: int) -> range:
    first = st.session_state.get(f"{demo.key}_card_id", 0) + 1
    st.session_state[f"{demo.key}_card_id"] = first + count - 1
    return range(first, first + count)


def order_next(demo: Demo, order: Order) -> None:
    """Have this written in the next run."""
    st.session_state[f"{demo.key}_order"] = order


def next_order(demo: Demo) -> Order | None:
    """What a click asked for, once."""
    return st.session_state.pop(f"{demo.key}_order", None)


def again(demo: Demo, card: Card) -> None:
    """Order the same text with a seed that no card has, in the place of this card."""
    board, variant = cards(demo), card.variant
    at = board.index(card)
    options = replace(variant.options, seed=_free_seed(board))
    order_next(
        demo,
        Order(
            variant.brief,
            options,
            1,
            model_id=variant.model.model_id,
            like=variant.like,
            before=tuple(board[:at]),
            after=tuple(board[at + 1 :]),
        ),
    )


def repeat(demo: Demo, card: Card) -> None:
    """Order the very same once more, with the same seed, behind this card."""
    board, variant = cards(demo), card.variant
    at = board.index(card) + 1
    places = {"before": tuple(board[:at]), "after": tuple(board[at:])}
    order_next(
        demo,
        Order(
            variant.brief, variant.options, 1, model_id=variant.model.model_id, like=variant.like, **places
        ),
    )


def twin_of(card: Card, others: list[Card]) -> Card | None:
    """The first of the others that was written from the same brief with the same settings, if there is one."""
    return next((other for other in others if _settings(other) == _settings(card)), None)


def forget_texts(demo: Demo) -> None:
    """Drop what was edited on cards that are gone."""
    kept = {text_key(demo, card) for card in cards(demo)}
    for key in [key for key in st.session_state if str(key).startswith(f"{demo.key}_text_")]:
        if key not in kept:
            del st.session_state[key]


def _settings(card: Card) -> tuple:
    variant = card.variant
    return variant.brief, variant.options, variant.like, variant.model.model_id


def more_like(demo: Demo, card: Card) -> None:
    """Order variants that resemble this card's text as it is now; only this card stays."""
    variant, count = card.variant, max(2, len(cards(demo)) - 1)
    options = replace(variant.options, seed=_free_seed(cards(demo)))
    n = min(count, MAX_VARIANTS - 1)
    model_id, like = variant.model.model_id, text_of(demo, card)
    order_next(demo, Order(variant.brief, options, n, model_id=model_id, like=like, before=(card,)))


def _free_seed(board: list[Card]) -> int:
    return max(card.variant.options.seed for card in board) + 1
