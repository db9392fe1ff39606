"""Two drafts side by side, with the words that only one of them has."""

import streamlit as st

from components import content_board
from components.content_board import Card
from components.i18n import _
from components.markup import highlights
from core.demos import Demo
from core.scenarios.content.comparing import difference
from core.scenarios.content.phrases import Span


def show(demo: Demo) -> None:
    board = content_board.cards(demo)
    if len(board) < 2:
        st.caption(_("Write at least two drafts, then compare them here."))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        first = _choose(demo, board, "first", 0)
    with right:
        second = _choose(demo, board, "second", 1)
    texts = content_board.text_of(demo, first), content_board.text_of(demo, second)
    found = difference(*texts)
    left.markdown(_marked(texts[0], found.first))
    right.markdown(_marked(texts[1], found.second))
    st.caption(
        _("{share} % of the words are the same, in the same order.").format(share=round(100 * found.same))
    )


def _choose(demo: Demo, board: list[Card], name: str, index: int) -> Card:
    key = f"{demo.key}_{name}"
    numbers = list(range(len(board)))
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = index
    title = _("Draft {number}")
    label = _("This draft") if name == "first" else _("With this draft")
    return board[st.selectbox(label, numbers, format_func=lambda at: title.format(number=at + 1), key=key)]


def _marked(text: str, spans: tuple[Span, ...]) -> str:
    return highlights(text, [(*span, "violet") for span in spans])
