"""The frame of every demo page: header, examples, waiting, and the lazily shown sections below the demo."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from components.i18n import _, sentence
from components.session import caller
from core import logs
from core.demos import Demo, Example
from core.errors import DemoError
from core.showcase import showcase


def header(demo: Demo) -> None:
    """Title and tagline."""
    st.title(_(demo.title), anchor=False)
    st.markdown(f":gray[{_(demo.tagline)}]")


def examples(demo: Demo) -> Example | None:
    """One-click inputs; the example just picked, or None."""
    labels = {example.example_id: _(example.label) for example in demo.examples}
    picked = None
    with st.container(horizontal=True, key=f"{demo.key}_examples"):
        for example in demo.examples:
            key = f"{demo.key}_example_{example.example_id}"
            if st.button(labels[example.example_id], key=key, icon=":material/bolt:"):
                picked = example
    return picked


@contextmanager
def running(label: str, *, action: str) -> Iterator[None]:
    """Work that a visitor waits for: counted, timed, logged, and its DemoError shown as a sentence."""
    place = showcase()
    with st.spinner(label, show_time=True), logs.request():
        try:
            with place.limits.admitted(caller()), place.metrics.timed("pages", action):
                yield
        except DemoError as error:
            st.error(sentence(error), icon=":material/error:")


def sections(demo: Demo, parts: dict[str, tuple[str, Callable[[], None]]]) -> None:
    """The parts below the demo, one shown at a time: {id: (title, show)}; the choice is in the link."""
    chosen = st.segmented_control(
        _("More about this demo"),
        list(parts),
        format_func=lambda part: parts[part][0],
        default=next(iter(parts)),
        required=True,
        key=f"{demo.key}_section",
        label_visibility="collapsed",
        bind="query-params",
    )
    with st.container(border=True, key=f"{demo.key}_section_body"):
        parts[chosen][1]()
