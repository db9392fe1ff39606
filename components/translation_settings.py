"""From which language into which: two choices, a button that swaps them, and the link that keeps them."""

import streamlit as st

from components import page
from components.i18n import _
from core.demos import Demo, Example
from core.language import language_of
from core.limits import MAX_ALTERNATIVES, MAX_TRANSLATION_CHARS
from core.scenarios.translation.languages import LANGUAGES, OTHERS
from core.scenarios.translation.translating import TranslationOptions

AUTO = "auto"
DEFAULT_ALTERNATIVES = 2


def language_title(code: str) -> str:
    """The name of a language, in the visitor's."""
    return _("Detect the language") if code == AUTO else _({**LANGUAGES, **OTHERS}[code])


def direction_title(source: str, target: str) -> str:
    return f"{language_title(source)} → {language_title(target)}"


def mode(demo: Demo) -> str:
    """ "text" or "file"; beside it what is rarely changed."""
    row = st.container(horizontal=True, vertical_alignment="center", key=f"{demo.key}_mode_row")
    titles = {"text": _("Text"), "file": _("File")}
    with row:
        chosen = page.choice(_("What to translate"), titles, key=f"{demo.key}_mode")
    with row.popover(_("Options"), icon=":material/tune:"):
        _ask_for_alternatives(demo)
    return chosen


def options(demo: Demo) -> TranslationOptions:
    """What is chosen: the languages and how many alternatives."""
    source_key, target_key = f"{demo.key}_source", f"{demo.key}_target"
    page.linked(source_key, (AUTO, *LANGUAGES))
    page.linked(target_key, tuple(reversed(LANGUAGES)))
    row = st.container(horizontal=True, vertical_alignment="bottom", key=f"{demo.key}_direction")
    source = row.selectbox(_("From"), (AUTO, *LANGUAGES), **_choice(source_key))
    swap_title = _("Swap the languages")
    row.button(":material/swap_horiz:", key=f"{demo.key}_swap", help=swap_title, on_click=_swap, args=(demo,))
    target = row.selectbox(_("To"), tuple(LANGUAGES), **_choice(target_key))
    return TranslationOptions(
        source=None if source == AUTO else source,
        target=target,
        alternatives=int(st.session_state[f"{demo.key}_alternatives"]),
    )


def take(demo: Demo, example: Example) -> None:
    """Put an example into the text box, and the language it is not in into the choice."""
    st.session_state[f"{demo.key}_mode"] = "text"
    st.session_state[f"{demo.key}_text"] = example.text
    _choose(demo, AUTO, _other(language_of(example.text)))


def turn_around(demo: Demo, target: str) -> None:
    """Translate out of `target` instead of into it."""
    _choose(demo, AUTO, _other(target))


def text_and_submit(demo: Demo) -> tuple[str, bool]:
    """The text in the box, and whether its translation was asked for just now."""
    with st.form(f"{demo.key}_form", border=False):
        # No max_chars: the browser would drop a longer text without a word; the scenario says what is too much.
        label = _("Text, at most {limit} characters")
        text = st.text_area(
            label.format(limit=f"{MAX_TRANSLATION_CHARS:,}"),
            key=f"{demo.key}_text",
            height=220,
            persist_state="session",
        )
        submitted = st.form_submit_button(
            _("Translate"), type="primary", key=f"{demo.key}_submit", icon=":material/translate:"
        )
    return text, submitted


def _ask_for_alternatives(demo: Demo) -> None:
    key = f"{demo.key}_alternatives"
    numbers = tuple(map(str, range(MAX_ALTERNATIVES + 1)))
    text = _("More alternatives take longer: the model follows more paths at once.")
    page.slider(_("Other ways to put it"), numbers, key=key, default=str(DEFAULT_ALTERNATIVES), help=text)


def _choice(key: str) -> dict:
    # Titles of this run: Streamlit may ask for them again when the visitor's language is not known.
    titles = {code: language_title(code) for code in (AUTO, *LANGUAGES)}
    return {
        "key": key,
        "format_func": titles.__getitem__,
        "on_change": page.put_into_link,
        "args": (key,),
    }


def _swap(demo: Demo) -> None:
    source, target = (st.session_state[f"{demo.key}_{name}"] for name in ("source", "target"))
    _choose(demo, target, _other(target) if source == AUTO else source)


def _choose(demo: Demo, source: str, target: str) -> None:
    for name, language in (("source", source), ("target", target)):
        st.session_state[f"{demo.key}_{name}"] = language
        page.put_into_link(f"{demo.key}_{name}")


def _other(language: str) -> str:
    return next(code for code in LANGUAGES if code != language)
