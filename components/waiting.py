"""Where a visitor stands while others are served first."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components.i18n import _
from components.session import caller
from core import visits
from core.visits import Waiting

# Nobody reads a sentence that is gone within a second.
SHOWN_FROM_S = 1.0


@contextmanager
def shown() -> Iterator[None]:
    """Ask in the visitor's name, and show where they stand while a model's line is longer than SHOWN_FROM_S."""
    place = st.empty()
    said = ""

    def tell(line: Waiting) -> None:
        nonlocal said
        # Looking into the session is where a click, or leaving, ends this run while there is nothing to show.
        caller()
        text = sentence(line)
        if text != said:
            said = text
            if text:
                place.caption(text)
            else:
                place.empty()

    with visits.visiting(caller(), tell=tell):
        try:
            yield
        finally:
            if said:
                place.empty()


def sentence(line: Waiting) -> str:
    """What to say of a place in a line; nothing where nobody else is before the visitor for long."""
    if not line.queued or not line.ahead or line.seconds < SHOWN_FROM_S:
        return ""
    text = _("In line for the model: {ahead} before you, about {seconds} s.")
    return text.format(ahead=line.ahead, seconds=round(line.seconds))
