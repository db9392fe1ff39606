"""Work that a visitor waits for: measured by a bar, stopped by a button, and not lost to another click."""

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import page
from components.i18n import _
from core.demos import Demo
from core.types import Progress

# What ends sooner shows no bar: it would only flash.
QUIET_S = 0.4
Steps = Generator[Progress, None, Any]


@dataclass
class Work:
    """Steps that may take several runs of the page; a click in between does not end them, stop does.

    After a click the run before goes on for a moment beside the next one, hence the lock.
    """

    asked: object
    """What it was begun for; something else begins anew."""
    steps: Steps
    value: Any = None
    is_done: bool = False
    is_stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self) -> Progress | None:
        """One step; None when there are no more: `value` is there, unless it was stopped."""
        with self.lock:
            if self.is_done or self.is_stopped:
                return None
            try:
                return next(self.steps)
            except StopIteration as end:
                self.value, self.is_done = end.value, True
                return None

    def stop(self) -> None:
        with self.lock:
            self.is_stopped = not self.is_done
            self.steps.close()


def finished(
    demo: Demo,
    name: str,
    asked: object,
    begin: Callable[[], Steps],
    *,
    label: str,
    meanwhile: Callable[[], None] = lambda: None,
) -> Work | None:
    """The work of this name for what is asked, once it is done; None while it is stopped, or when it was refused.

    `meanwhile` is called after every step of what takes long, so that what is there already can be shown.
    """
    key = f"{demo.key}_{name}_work"
    work: Work | None = st.session_state.get(key)
    if work is None or work.asked != asked:
        work = st.session_state[key] = Work(asked, begin())
    if work.is_stopped:
        _say_stopped(demo, name)
    elif not work.is_done:
        _go_on(demo, name, work, label=label, meanwhile=meanwhile)
    return work if work.is_done else None


def is_there(demo: Demo, name: str) -> bool:
    """Whether there is work of this name, under way, stopped or done; what was refused is not."""
    return f"{demo.key}_{name}_work" in st.session_state


def forget(demo: Demo, name: str) -> None:
    """Let the next run begin this work anew."""
    st.session_state.pop(f"{demo.key}_{name}_work", None)


def _go_on(demo: Demo, name: str, work: Work, *, label: str, meanwhile: Callable[[], None]) -> None:
    controls, began_s, bar = st.empty(), time.monotonic(), None
    with page.running(label, action=name):
        while progress := work.advance():
            if bar is None and time.monotonic() - began_s > QUIET_S:
                bar = _controls(demo, name, work, controls)
            if bar is not None:
                bar.progress(progress.fraction, text=_said(progress, label))
                meanwhile()
    # A click ends this run before this line, and the next run goes on. A refusal was said, and is tried again.
    controls.empty()
    if not (work.is_done or work.is_stopped):
        forget(demo, name)


def _controls(demo: Demo, name: str, work: Work, place: DeltaGenerator) -> DeltaGenerator:
    with place.container():
        stop = {"on_click": work.stop, "icon": ":material/stop_circle:"}
        st.button(_("Stop"), key=f"{demo.key}_{name}_stop", **stop)
        return st.progress(0.0)


def _say_stopped(demo: Demo, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{demo.key}_{name}_stopped"):
        st.warning(_("Stopped before it was finished."), icon=":material/stop_circle:")
        again = {"on_click": forget, "args": (demo, name), "icon": ":material/refresh:"}
        st.button(_("Begin again"), key=f"{demo.key}_{name}_again", **again)


def _said(progress: Progress, label: str) -> str:
    """ "120 of 235 items"; what cannot be counted yet is called by its label."""
    texts = {
        "items": _("{done} of {total} items"),
        "rows": _("{done} of {total} rows"),
        "users": _("{done} of {total} users"),
        "bytes": _("{done} of {total} bytes"),
    }
    if not progress.total or progress.unit not in texts:
        return label
    return texts[progress.unit].format(done=f"{progress.done:,}", total=f"{progress.total:,}")
