"""The brief as a form: what is to be written, within which limits, and how it is drawn from the model."""

import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass

import streamlit as st

from components import content_writer
from components.content_board import Order
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
from core.scenarios.content.brief import CHANNELS, TONES, Brief
from core.scenarios.content.samples import sample_brief
from core.scenarios.content.variants import tokens_for
from core.types import GenerationOptions

MAX_SEED = 2**31 - 1
VARIANTS = 3
_SEPARATORS = re.compile("[;；\n]")


@dataclass(frozen=True)
class _Setting:
    """A setting that a link may hold: how to read it, and what it is without a link."""

    read: Callable[[str], object]
    usual: object


def fill(demo: Demo, writer: ModelSpec, example: Example | None) -> None:
    """Before the form is drawn: put an example into it, or the settings of the link when the page opens."""
    _fill_from_link(demo, writer)
    if example is None:
        return
    code = language() if language() in writer.languages else "en"
    brief = sample_brief(example.example_id, code)
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


def order(demo: Demo, model_id: str | None) -> Order:
    """What the form asks for now, as it is: the scenario checks it."""
    given = _given(demo)
    brief = Brief(
        given("product"),
        channel=given("channel"),
        facts=tuple(given("facts").split("\n")),
        audience=given("audience"),
        tone=given("tone"),
        max_words=int(given("max_words")),
        language=given("language"),
        must_say=tuple(_SEPARATORS.split(given("must_say"))),
        must_not_say=tuple(_SEPARATORS.split(given("must_not_say"))),
    )
    seed = given("seed")
    options = GenerationOptions(
        max_new_tokens=tokens_for(brief),
        temperature=given("temperature"),
        seed=secrets.randbelow(10**6) if seed is None else int(seed),
    )
    return Order(brief, options, int(given("variants")), model_id=model_id)


def body(demo: Demo, model_id: str | None) -> dict:
    """The body that asks the API for what the form asks for now, or for an example while the form is empty.

    Without a seed where that is random.
    """
    wanted = order(demo, model_id)
    is_filled = wanted.brief.product.strip()
    brief = asdict(wanted.brief if is_filled else sample_brief(demo.examples[0].example_id, "en"))
    lists = {name: _filled(value) for name, value in brief.items() if isinstance(value, tuple)}
    fields = {name: value for name, value in (brief | lists).items() if value}
    fields |= {"variants": wanted.n, "temperature": wanted.options.temperature}
    seed = _given(demo)("seed")
    return fields | ({} if seed is None else {"seed": seed}) | ({"model": model_id} if model_id else {})


def _filled(lines: tuple[str, ...]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def put_into_link(demo: Demo) -> None:
    """Let the address say the settings; the visitor's text stays out of it."""
    for name, setting in _settings("en").items():
        value = st.session_state.get(f"{demo.key}_{name}")
        if value is not None and value != setting.usual:
            st.query_params[f"{demo.key}_{name}"] = str(value)
        elif f"{demo.key}_{name}" in st.query_params:
            del st.query_params[f"{demo.key}_{name}"]


def _given(demo: Demo) -> Callable[[str], object]:
    return lambda name: st.session_state.get(f"{demo.key}_{name}", "")


def _ask_what(demo: Demo) -> None:
    st.text_input(
        _("Product or topic"), max_chars=MAX_PRODUCT_CHARS, key=f"{demo.key}_product", persist_state="session"
    )
    facts = _("One a line: at most {count}, of {chars} characters. The text may claim nothing else.")
    st.text_area(
        _("Facts"),
        key=f"{demo.key}_facts",
        height=130,
        max_chars=MAX_FACTS * (MAX_FACT_CHARS + 1),
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


def _settings(own_language: str) -> dict[str, _Setting]:
    """The settings, by the names that links use."""
    return {
        "channel": _one_of(CHANNELS, "product-description"),
        "tone": _one_of(TONES, "friendly"),
        "language": _one_of(LANGUAGES, own_language),
        "max_words": _between(int, MIN_WORDS, MAX_WORDS, Brief.max_words),
        "variants": _between(int, 1, MAX_VARIANTS, VARIANTS),
        "temperature": _between(float, 0.0, MAX_TEMPERATURE, GenerationOptions.temperature),
        "seed": _between(int, 0, MAX_SEED, None),
    }


def _one_of(choices: dict[str, str], usual: str) -> _Setting:
    return _Setting(lambda text: text if text in choices else usual, usual)


def _between(kind: type[int] | type[float], least: float, most: float, usual: float | None) -> _Setting:
    def read(text: str) -> float | None:
        try:
            value = kind(text)
        except ValueError:
            return usual
        return value if least <= value <= most else usual

    return _Setting(read, usual)


def _fill_from_link(demo: Demo, writer: ModelSpec) -> None:
    own = language() if language() in writer.languages else "en"
    for name, setting in _settings(own).items():
        key = f"{demo.key}_{name}"
        linked = st.query_params.get(key)
        st.session_state.setdefault(key, setting.usual if linked is None else setting.read(linked))
