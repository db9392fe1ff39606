"""Writing: several drafts grow side by side; a click on stop, or leaving the page, ends it and keeps them."""

import time
from contextlib import closing
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import content_board, page
from components.content_board import Card, Order
from components.i18n import _
from components.markup import escape
from core.demos import Demo
from core.scenarios.content.variants import Variant, write_variants
from core.showcase import showcase

# A browser draws no faster, and every text that is sent costs the server something.
DRAW_S = 0.05
COLUMN_PX = 300


def write(demo: Demo, order: Order, *, status: DeltaGenerator, place: DeltaGenerator) -> None:
    """Write what was ordered onto the board, drawing it in `place` as it grows; `status` is above it."""
    stop = status.empty()
    with status, page.running(_("Writing…"), action="generate"):
        stop.button(_("Stop"), key=f"{demo.key}_stop", icon=":material/stop_circle:")
        _write(demo, order, place)
    stop.empty()
    content_board.forget_texts(demo)


def _write(demo: Demo, order: Order, place: DeltaGenerator) -> None:
    models, board = showcase().models, content_board.cards(demo)
    ids = content_board.new_ids(demo, order.n)
    writing = write_variants(
        models, order.brief, order.options, order.n, model_id=order.model_id, like=order.like
    )
    slots: list[DeltaGenerator] = []
    drawn_s, when = 0.0, datetime.now(UTC)
    with closing(writing) as steps:
        for step in steps:
            # Looking into the session is where a click ends this run, also while nothing new is to be drawn.
            st.session_state.get(f"{demo.key}_cards")
            if not step.variants:
                place.caption(_("Loading the language model…"))
                continue
            new = [Card(*each, when) for each in zip(ids, step.variants, strict=True)]
            board[:] = [*order.before, *new, *order.after]
            slots = slots or _slots(demo, board, place)
            if time.monotonic() - drawn_s > DRAW_S:
                _draw(slots[len(order.before) :], step.variants)
                drawn_s = time.monotonic()


def _slots(demo: Demo, board: list[Card], place: DeltaGenerator) -> list[DeltaGenerator]:
    """A place for each card; those that stay are shown in theirs."""
    grid = place.container().grid(
        len(board), min_column_width=COLUMN_PX, border=True, key=f"{demo.key}_growing"
    )
    slots = [grid.empty() for _card in board]
    for slot, card in zip(slots, board, strict=True):
        slot.markdown(escape(content_board.text_of(demo, card)))
    return slots


def _draw(slots: list[DeltaGenerator], variants: tuple[Variant, ...]) -> None:
    for slot, variant in zip(slots, variants, strict=False):
        slot.markdown(escape(variant.text) + ("▍" if variant.finish_reason == "cancelled" else ""))
