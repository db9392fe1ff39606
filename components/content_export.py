"""The drafts as files, each with the label that says a machine wrote it."""

from datetime import UTC, datetime

import streamlit as st

from components import content_board
from components.i18n import _
from core.demos import Demo
from core.scenarios.content.exporting import Labelled, as_csv, as_json, as_markdown, as_text, row_of


def show(demo: Demo) -> None:
    """All drafts on the board, as they were edited."""
    board = content_board.cards(demo)
    if not board:
        st.caption(_("Write something first; the drafts can be downloaded here."))
        return
    texts = [Labelled(card.variant, content_board.text_of(demo, card), card.when) for card in board]
    st.markdown(
        _(
            "Every file says that the text is AI-generated, by which model, when and with which seed: "
            "in words, and in fields that programs read."
        )
    )
    downloads("drafts", [row_of(text) for text in texts], key=f"{demo.key}_drafts", texts=texts)


def downloads(name: str, rows: list[dict], *, key: str, texts: list[Labelled]) -> None:
    """A button for each kind of file."""
    kinds = {
        "csv": ("CSV", as_csv(rows), "text/csv"),
        "json": ("JSON", as_json(rows), "application/json"),
        "md": ("Markdown", as_markdown(texts), "text/markdown"),
        "txt": (_("Plain text"), as_text(texts), "text/plain"),
    }
    with st.container(horizontal=True):
        for suffix, (title, content, mime) in kinds.items():
            st.download_button(
                title, content, f"{name}.{suffix}", mime, key=f"{key}_{suffix}", icon=":material/download:"
            )


def now() -> datetime:
    return datetime.now(UTC)
