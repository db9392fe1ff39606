"""The settings that a link to the page holds; never the visitor's text."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.demos import Demo
from core.limits import MAX_TEMPERATURE, MAX_VARIANTS, MAX_WORDS, MIN_WORDS
from core.locales import LANGUAGES
from core.scenarios.content.brief import CHANNELS, TONES, Brief
from core.types import GenerationOptions

MAX_SEED = 2**31 - 1
VARIANTS = 3


@dataclass(frozen=True)
class _Setting:
    """A setting that a link may hold: how to read it, and what it is without a link."""

    read: Callable[[str], object]
    usual: object


def fill(demo: Demo, *, own_language: str) -> None:
    """Give the widgets that are about to be drawn what the link says, where they have nothing yet."""
    for name, setting in _settings(own_language).items():
        key = f"{demo.key}_{name}"
        linked = st.query_params.get(key)
        st.session_state.setdefault(key, setting.usual if linked is None else setting.read(linked))


def update(demo: Demo) -> None:
    """Let the address say the settings as they are now."""
    for name, setting in _settings("en").items():
        value = st.session_state.get(f"{demo.key}_{name}")
        if value is not None and value != setting.usual:
            st.query_params[f"{demo.key}_{name}"] = str(value)
        elif f"{demo.key}_{name}" in st.query_params:
            del st.query_params[f"{demo.key}_{name}"]


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
