"""A translation, large and clear, with what the model is sure of and what not."""

import streamlit as st

from components import (
    feedback,
    results,
    translation_back,
    translation_correction,
    translation_evidence,
    translation_jobs,
    translation_settings,
)
from components.i18n import _
from components.markup import highlights
from components.translation_jobs import Job
from core.demos import Demo
from core.scenarios.translation.languages import LANGUAGES
from core.scenarios.translation.results import Translation
from core.scenarios.translation.tokens import find_tokens
from core.showcase import showcase
from core.types import ModelUse, Tier

# What fits on a phone as a headline.
LARGE_CHARS = 160
# Longer texts scroll, so that what is said about them stays in view.
LONG_CHARS, TALL_PX = 1200, 480
TERM_COLOR, TOKEN_COLOR = "green", "blue"


def show(demo: Demo, job: Job | None) -> None:
    """The result, or what it has of it; where there is none yet, what to do."""
    if job is None:
        st.info(
            _("Type a text or take an example; the translation appears here."), icon=":material/translate:"
        )
        return
    if job.is_waiting:
        translation_jobs.go_on(demo, job)
    translation = job.work.so_far()
    if not translation.segments and not job.work.is_finished:
        return
    if job.is_stopped:
        text = _("Stopped after {done} of {total} sentences; these are kept.")
        done, total = len(job.work.done), len(job.work.split.sentences)
        st.warning(text.format(done=done, total=total), icon=":material/stop_circle:")
    height = TALL_PX if len(translation.text) > LONG_CHARS else "content"
    with st.container(border=True, height=height, key=f"{demo.key}_result"):
        st.markdown(_large(marked(translation)), anchors=False)
    _below(demo, job, translation)


def marked(translation: Translation) -> str:
    """The text as Markdown: respected terms in one colour, protected tokens in another."""
    terms = [(*span, TERM_COLOR) for check in translation.terms for span in check.spans]
    whole = {check.token for check in translation.checks if check.is_whole}
    tokens = [
        (token.start, token.end, TOKEN_COLOR)
        for token in find_tokens(translation.text)
        if token.text in whole
    ]
    return highlights(translation.text, [*terms, *tokens])


def _large(text: str) -> str:
    return f"### {text}" if len(text) <= LARGE_CHARS and "\n" not in text else text


def _below(demo: Demo, job: Job, translation: Translation) -> None:
    """The badge, the language, and where the sentences come from."""
    if translation.model:
        results.badge(translation.model)
        _say_what_it_is(translation.model)
    detected = translation.detected
    line = _("Detected: {language}, {percent} % sure.")
    language = translation_settings.language_title(detected.language)
    st.caption(line.format(language=language, percent=round(100 * detected.confidence)))
    known = sum(segment.from_memory for segment in translation.segments)
    if known:
        line = _("From your translation memory: {known} of {total} sentences.")
        st.caption(line.format(known=known, total=len(translation.segments)))
    if translation.source == translation.target:
        _offer_to_turn_around(demo, translation.target)
    else:
        translation_evidence.show(demo, translation)
        if job.work.is_finished:
            translation_back.show(demo, job, translation)
        translation_correction.show(demo, job)
    if translation.model:
        about = {"question": translation.source_text, "answer": translation.text}
        feedback.ask(demo, turn_id=job.number, model_id=translation.model.model_id, **about)


def _say_what_it_is(model: ModelUse) -> None:
    """What to expect of the starter, before anybody relies on it."""
    spec = showcase().models.catalog.spec(model.model_id)
    if spec.tier is Tier.STARTER:
        text = _(
            "A starter model of {size} MB: best with short, plain sentences, and it makes mistakes. Check it."
        )
        st.caption(text.format(size=round(spec.size_mb)))


def _offer_to_turn_around(demo: Demo, target: str) -> None:
    text = _("The text is in this language already, so it came back as it is.")
    st.info(text, icon=":material/info:")
    other = next(code for code in LANGUAGES if code != target)
    label = _("Translate into {language}").format(language=translation_settings.language_title(other))
    turn = {"on_click": translation_settings.turn_around, "args": (demo, target)}
    st.button(label, key=f"{demo.key}_turn_around", icon=":material/swap_horiz:", **turn)
