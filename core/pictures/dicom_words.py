"""The standard's own words for what a picture shows: others are not passed on, as they might be a name."""

import tomllib
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).parent.parent.parent / "assets" / "dicom" / "words.toml"


def known(kind: str, word: str) -> str:
    """The word if the standard knows it, else ""; `kind` is "modalities", "views" or "body_parts"."""
    return word if word in _words()[kind] else ""


@cache
def _words() -> dict[str, frozenset[str]]:
    return {kind: frozenset(words) for kind, words in tomllib.loads(_WORDS.read_text("utf-8")).items()}
