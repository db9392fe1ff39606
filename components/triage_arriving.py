"""Files on their way onto the worklist: read one by one, with progress, until all are or it is stopped."""

from dataclasses import dataclass, field

import streamlit as st

from components import failures
from components.i18n import _
from components.triage_input import Files
from core.deadlines import Deadline
from core.demos import Demo
from core.pictures import uploads
from core.scenarios.triage.receiving import studies_in
from core.scenarios.triage.studies import Study
from core.showcase import showcase


@dataclass
class Arriving:
    """Files that were sent together; another click in between does not end the reading, stop does."""

    files: Files
    is_synthetic: bool
    received: list[Study] = field(default_factory=list)


def begin(demo: Demo, files: Files, *, is_synthetic: bool) -> None:
    """Take the files in the place of any others."""
    st.session_state[_key(demo)] = Arriving(files, is_synthetic)


def finish(demo: Demo) -> Arriving | None:
    """Read what is left; the whole of it, once. A part is never given: a study that nobody lists is not looked at."""
    if st.session_state.pop(f"{_key(demo)}_stopped", False):
        text = _("Stopped before all files were read, so nothing was sorted. Send them again to sort them.")
        st.warning(text, icon=":material/stop_circle:")
    arriving: Arriving | None = st.session_state.get(_key(demo))
    if arriving is None:
        return None
    is_whole, controls = False, st.empty()
    with failures.shown(), st.spinner(_("Reading the files…"), show_time=True), controls.container():
        stop = {"on_click": _stop, "args": (demo,), "icon": ":material/stop_circle:"}
        st.button(_("Stop"), key=f"{_key(demo)}_stop", **stop)
        _read(arriving)
        is_whole = True
    # A click ends this run before this line, and the next run goes on.
    del st.session_state[_key(demo)]
    controls.empty()
    return arriving if is_whole else None


def _read(arriving: Arriving) -> None:
    limits, total = showcase().limits, uploads.count(arriving.files)
    left = studies_in(arriving.files, start=len(arriving.received))
    bar, text = st.progress(0.0), _("{done} of {total} pictures")
    for study in Deadline(limits.page_deadline_s).in_turn(left, limits.reading):
        if study is not None:
            arriving.received.append(study)
        done = len(arriving.received)
        bar.progress(min(1.0, done / total), text=text.format(done=done, total=total))


def _stop(demo: Demo) -> None:
    st.session_state.pop(_key(demo), None)
    st.session_state[f"{_key(demo)}_stopped"] = True


def _key(demo: Demo) -> str:
    return f"{demo.key}_arriving"
