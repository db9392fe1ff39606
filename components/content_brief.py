"""The brief as a form: what is to be written, within which limits, and how it is drawn from the model."""

from collections.abc import Callable

import streamlit as st

from components import content_link, content_writer
from components.content_link import MAX_SEED
from components.i18n import _, language
from core.catalog import ModelSpec
from core.demos import Demo, Example
from core.limits import (
    MAX_AUDIENCE_CHARS,
    MAX_FACT_CHARS,
    MAX_FACTS,
    MAX_PHRASE_CHARS,
    MAX_PHRASES,
    MAX_PRODUCT_CHARS,
    MAX_TEMPERATURE,
    MAX_VARIANTS,
    MAX_WORDS,
    MIN_WORDS,
)
from core.locales import LANGUAGES
from core.scenarios.content.brief import CHANNELS, TONES
from core.scenarios.content.samples import sample_brief


def fill(demo: Demo, writer: ModelSpec, example: Example | None) -> None:
    """Before the form is drawn: put an example into it, or the settings of the link when the page opens."""
    content_link.fill(demo, own_language=_own_language(writer))
    if example is None:
        return
    brief = sample_brief(example.example_id, _own_language(writer))
    lists = {"facts": "\n".join(brief.facts)}
    lists |= {name: "; ".join(getattr(brief, name)) for name in ("must_say", "must_not_say")}
    names = ("product", "audience", "channel", "tone", "max_words", "language")
    for name, value in ({name: getattr(brief, name) for name in names} | lists).items():
        st.session_state[f"{demo.key}_{name}"] = value


def ask(demo: Demo, writer: ModelSpec) -> bool:
    """The form; whether it was sent just now."""
    with st.form(f"{demo.key}_form"):
        what, words, how = st.columns(3, gap="medium")
        with what:
            _ask_what(demo)
        with words:
            _ask_words(demo)
        with how:
            _ask_how(demo, writer)
        with st.container(horizontal=True, vertical_alignment="center"):
            is_sent = st.form_submit_button(
                _("Write"), type="primary", icon=":material/edit_note:", key=f"{demo.key}_submit"
            )
            with st.popover(_("Settings"), icon=":material/tune:", key=f"{demo.key}_settings"):
                _ask_settings(demo)
            content_writer.say_what_it_is(writer)
    return is_sent


def _ask_what(demo: Demo) -> None:
    st.text_input(
        _("Product or topic"), max_chars=MAX_PRODUCT_CHARS, key=f"{demo.key}_product", persist_state="session"
    )
    facts = _("One a line: at most {count}, of {chars} characters. The text may claim nothing else.")
    st.text_area(
        _("Facts"),
        key=f"{demo.key}_facts",
        height=130,
        help=facts.format(count=MAX_FACTS, chars=MAX_FACT_CHARS),
        placeholder=_("One a line"),
        persist_state="session",
    )


def _ask_words(demo: Demo) -> None:
    st.text_input(
        _("Audience"), max_chars=MAX_AUDIENCE_CHARS, key=f"{demo.key}_audience", persist_state="session"
    )
    limits = _("Separated by ; at most {count}, of {chars} characters.")
    for name, title in (("must_say", _("Must say")), ("must_not_say", _("Must not say"))):
        st.text_input(
            title,
            key=f"{demo.key}_{name}",
            max_chars=MAX_PHRASES * (MAX_PHRASE_CHARS + 2),
            help=limits.format(count=MAX_PHRASES, chars=MAX_PHRASE_CHARS),
            placeholder=_("Separated by ;"),
            persist_state="session",
        )


def _ask_how(demo: Demo, writer: ModelSpec) -> None:
    with st.container(horizontal=True):
        for name, title, choices in (("channel", _("Channel"), CHANNELS), ("tone", _("Tone"), TONES)):
            st.selectbox(
                title,
                list(choices),
                format_func=_titles(choices),
                key=f"{demo.key}_{name}",
                persist_state="session",
            )
    with st.container(horizontal=True):
        st.segmented_control(
            _("Language of the text"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            required=True,
            key=f"{demo.key}_language",
            persist_state="session",
        )
        st.segmented_control(
            _("Drafts side by side"),
            list(range(1, MAX_VARIANTS + 1)),
            required=True,
            key=f"{demo.key}_variants",
            persist_state="session",
        )
    _say_languages(writer)
    st.slider(
        _("At most so many words (in Chinese: characters)"),
        MIN_WORDS,
        MAX_WORDS,
        key=f"{demo.key}_max_words",
        persist_state="session",
    )


def _titles(titles: dict[str, str]) -> Callable[[str], str]:
    """Titles in the language of this run, for a widget that asks for them at any time."""
    return {key: _(title) for key, title in titles.items()}.__getitem__


def _say_languages(writer: ModelSpec) -> None:
    missing = [title for code, title in LANGUAGES.items() if code not in writer.languages]
    if missing:
        text = _("{model} does not write {languages} yet: larger writers do, see “How good”.")
        st.caption(text.format(model=writer.title, languages=", ".join(missing)))


def _ask_settings(demo: Demo) -> None:
    st.slider(
        _("Temperature"),
        0.0,
        MAX_TEMPERATURE,
        step=0.05,
        key=f"{demo.key}_temperature",
        persist_state="session",
        help=_("Low: safe and alike. High: lively, with more mistakes. 0 always takes the likeliest word."),
    )
    st.number_input(
        _("Seed"),
        0,
        MAX_SEED,
        value=None,
        step=1,
        key=f"{demo.key}_seed",
        placeholder=_("random"),
        persist_state="session",
        help=_("The same brief, model, settings and seed give the same text on the same device."),
    )


def _own_language(writer: ModelSpec) -> str:
    """The visitor's language where the model writes it, else English."""
    return language() if language() in writer.languages else "en"
