"""Failures shown as sentences where the page can go on without what failed."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components.i18n import sentence
from core.errors import DemoError


@contextmanager
def shown() -> Iterator[None]:
    """Show the sentence of a DemoError raised inside, and go on after the block."""
    try:
        yield
    except DemoError as error:
        st.error(sentence(error), icon=":material/error:")
