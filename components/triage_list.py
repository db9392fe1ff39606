"""The worklist of a session: received, read with progress, and ordered again whenever the operating point changes."""

from contextlib import closing
from dataclasses import dataclass, field

import streamlit as st

from components import failures, page, session, triage_arriving
from components.i18n import _
from components.triage_arriving import Arriving
from components.triage_input import Files
from core import logs
from core.calibration import Calibration
from core.deadlines import Deadline
from core.demos import Demo
from core.errors import InferenceError
from core.scenarios.deletion import DeletionCheck
from core.scenarios.triage import audit
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import Study
from core.scenarios.triage.triaging import calibration_of, triage
from core.scenarios.triage.worklist import Entry, worklist
from core.showcase import showcase
from core.types import ImageScores


@dataclass
class Worklist:
    """Studies received together; another click in between does not end the work, stop does."""

    number: int
    """No other worklist of the session ever gets it."""
    received: tuple[Study, ...]
    calibration: Calibration
    is_synthetic: bool
    done: list[Study] = field(default_factory=list)
    is_waiting: bool = True
    recorded: tuple[str, int] = ("", 0)
    """Under which operating point, and of how many studies, the verdicts are in the audit trail."""
    heat: dict[str, tuple[ImageScores, DeletionCheck]] = field(default_factory=dict)
    """By study: where the model looked, and whether that is true."""
    thumbnails: dict[str, str] = field(default_factory=dict)
    """By study: the small picture of the table, made once."""

    @property
    def is_whole(self) -> bool:
        return len(self.done) == len(self.received)


def begin(demo: Demo, files: Files, *, is_synthetic: bool) -> None:
    """Take the files; `current` reads them. What cannot be sorted as a whole is refused with its sentence."""
    st.session_state.pop(f"{demo.key}_worklist", None)
    triage_arriving.begin(demo, files, is_synthetic=is_synthetic)


def current(demo: Demo) -> Worklist | None:
    """What was sent last, once all of it is read."""
    if arrived := triage_arriving.finish(demo):
        _list(demo, arrived)
    return st.session_state.get(f"{demo.key}_worklist")


def calibration(listed: Worklist | None) -> Calibration:
    """Of the model that read this worklist, or of the one that would read the next. Raises ModelLoadError."""
    return listed.calibration if listed else calibration_of(showcase().models)


def go_on(demo: Demo, listed: Worklist) -> None:
    """Ask the models until all is read, stopped or refused, with a bar that measures it and a button that ends it."""
    controls = st.empty()
    with page.running(_("Reading the pictures…"), action="triage"), controls.container():
        stop = {"on_click": _stop, "args": (listed,), "icon": ":material/stop_circle:"}
        st.button(_("Stop and keep what is finished"), key=f"{demo.key}_stop_{listed.number}", **stop)
        bar, text = st.progress(0.0), _("{done} of {total} pictures")
        try:
            asking = triage(showcase().models, listed.received, done=listed.done)
            with closing(Deadline(showcase().limits.page_deadline_s).steps(asking)) as steps:
                for step in steps:
                    bar.progress(step.fraction, text=text.format(done=step.done, total=step.total))
        except InferenceError:
            # Nothing that such a model said may be shown.
            listed.done.clear()
            raise
    # A click ends this run before this line, and the next run goes on.
    listed.is_waiting = False
    controls.empty()


def _list(demo: Demo, arrived: Arriving) -> None:
    number = st.session_state.get(f"{demo.key}_worklists", 0) + 1
    with failures.shown():
        known = calibration_of(showcase().models)
        listed = Worklist(number, tuple(arrived.received), known, arrived.is_synthetic)
        st.session_state[f"{demo.key}_worklists"] = number
        st.session_state[f"{demo.key}_worklist"] = listed


def entries(listed: Worklist, rule: Rule) -> tuple[Entry, ...]:
    """All in their order; what was not reached before a stop waits for a person like everything unread."""
    return worklist([*listed.done, *listed.received[len(listed.done) :]], rule)


def record(listed: Worklist, shown: tuple[Entry, ...], rule: Rule) -> None:
    """Put what is shown into the audit trail, once per operating point."""
    state = (rule.point.point_id, len(listed.done))
    if listed.recorded == state:
        return
    with failures.shown(), session.admitted(), logs.request() as request_id:
        audit.record(showcase().store, shown, rule, front="pages", request_id=request_id)
        listed.recorded = state


def take_up_again(listed: Worklist) -> None:
    listed.is_waiting = True


def _stop(listed: Worklist) -> None:
    listed.is_waiting = False
