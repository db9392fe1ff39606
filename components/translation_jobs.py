"""Translations under way: started, watched, stopped, and what they have finished so far."""

from dataclasses import dataclass

import streamlit as st

from components import failures, page, translation_glossary, translation_memory
from components.i18n import _
from components.markup import escape
from core.demos import Demo
from core.scenarios.translation.back_translation import BackTranslation
from core.scenarios.translation.files.translating import GrowingDocument
from core.scenarios.translation.growing import GrowingTranslation
from core.scenarios.translation.results import Translation
from core.scenarios.translation.translating import TranslationRequest
from core.showcase import showcase

Work = GrowingTranslation | GrowingDocument


@dataclass
class Job:
    """Work that may take several runs of the page; another click in between does not end it, stop does."""

    number: int
    """No other job of the session ever gets it."""
    work: Work
    is_waiting: bool = True
    is_stopped: bool = False
    second: Translation | None = None
    """What another model made of the same text."""
    back: BackTranslation | None = None


def current(demo: Demo, mode: str) -> Job | None:
    """The last thing that was translated in this mode, finished or not."""
    return st.session_state.get(f"{demo.key}_{mode}_job")


def begin(demo: Demo, mode: str, work: Work) -> Job:
    number = st.session_state.get(f"{demo.key}_jobs", 0) + 1
    st.session_state[f"{demo.key}_jobs"] = number
    job = st.session_state[f"{demo.key}_{mode}_job"] = Job(number, work)
    return job


def begin_text(demo: Demo, request: TranslationRequest) -> None:
    """Take up a text; one that cannot be translated is refused with its sentence."""
    forget(demo, "text")
    with failures.shown(), st.spinner(_("Reading the text…")):
        work = GrowingTranslation.begin(request)
        work.use(translation_glossary.terms(demo, work.source, request.target))
        begin(demo, "text", work)


def forget(demo: Demo, mode: str) -> None:
    st.session_state.pop(f"{demo.key}_{mode}_job", None)


def go_on(demo: Demo, job: Job) -> None:
    """Work until it is finished, stopped or refused, with a bar that measures it and a button that ends it."""
    controls = st.empty()
    with page.running(_("Translating…"), action="translate"), controls.container():
        stop = {"on_click": _stop, "args": (job,), "icon": ":material/stop_circle:"}
        st.button(_("Stop and keep what is finished"), key=f"{demo.key}_stop_{job.number}", **stop)
        bar, preview = st.progress(0.0), st.empty()
        shown = len(job.work.done)
        for step in job.work.steps(showcase().models, translation_memory.of_visitor()):
            bar.progress(step.fraction, text=_progress_text().format(done=step.done, total=step.total))
            if len(job.work.done) > shown:
                shown = len(job.work.done)
                preview.markdown(escape(_latest(job.work)))
    # A click ends this run before this line, and the next run goes on.
    job.is_waiting = False
    controls.empty()


def _latest(work: Work) -> str:
    """What to show of unfinished work: all of a text, the last paragraph of a file."""
    return work.so_far().text if isinstance(work, GrowingTranslation) else work.done[-1].text


def _stop(job: Job) -> None:
    job.is_waiting, job.is_stopped = False, True


def _progress_text() -> str:
    return _("{done} of {total} sentences and paragraphs")
