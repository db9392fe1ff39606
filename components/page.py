"""The frame of every demo page: header, examples, waiting, and the lazily shown sections below the demo."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import streamlit as st

from components import failures, waiting
from components.i18n import _
from components.session import caller
from core import logs
from core.demos import Demo, Example
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
    with st.spinner(label, show_time=True), logs.request(), ExitStack() as stack, failures.shown():
        stack.enter_context(place.limits.admitted(caller()))
        with failures.shown(), place.metrics.timed("pages", action), waiting.shown():
            yield
        return
    # Not let in, which was said: a context manager cannot skip its body, so the run ends here.
    st.stop()


def sections(demo: Demo, parts: dict[str, tuple[str, Callable[[], None]]]) -> None:
    """The parts below the demo, one shown at a time: {id: (title, show)}; the choice is in the link.

    The link holds the id. Streamlit's own binding would put the title there, which is another one in each language.
    """
    titles = {part: title for part, (title, _show) in parts.items()}
    chosen = choice(_("More about this demo"), titles, key=f"{demo.key}_section")
    with st.container(border=True, key=f"{demo.key}_section_body"):
        parts[chosen][1]()


def choice(
    label: str,
    titles: dict[str, str],
    *,
    key: str,
    default: str | None = None,
    help: str | None = None,
    is_labelled: bool = False,
) -> str:
    """One of a few, side by side: {id: title}; the id that is chosen is in the link.

    Unless it is labelled, or there is help with it, its label is for those who have the page read out.
    """
    linked(key, tuple(titles), default)
    return st.segmented_control(
        label,
        list(titles),
        format_func=titles.__getitem__,
        required=True,
        key=key,
        label_visibility="visible" if help or is_labelled else "collapsed",
        on_change=put_into_link,
        args=(key,),
        help=help,
    )


def slider(
    label: str, choices: Sequence[str], *, key: str, default: str | None = None, help: str | None = None
) -> str:
    """One of many in their order; what is chosen is in the link."""
    linked(key, choices, default)
    # At every run: what is drawn in a popover is made anew each time that it opens, and would begin with its first.
    st.session_state[key] = st.session_state[key]
    return st.select_slider(label, choices, key=key, on_change=put_into_link, args=(key,), help=help)


def linked(key: str, choices: Sequence[str], default: str | None = None) -> None:
    """Give the widget of this key the choice that stands in the link, unless it has one already."""
    if st.session_state.get(key) not in choices:
        in_link = st.query_params.get(key)
        st.session_state[key] = in_link if in_link in choices else default or choices[0]


def put_into_link(key: str) -> None:
    """Keep the choice of this widget in the link, so that the link gives it again."""
    st.query_params[key] = st.session_state[key]
