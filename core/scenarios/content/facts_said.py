"""Which facts of a brief a text mentions, by their words: enough to see what was left out, not whether it is true."""

import re

from core.language import HAN
from core.scenarios.content.brief import Brief

# Words that carry a fact, and numbers; of a longer word its beginning, so that forms of it count as well.
_WORD = re.compile(r"[^\W\d_]{4,}|\d+")
_STEM_CHARS = 5
# Of its words or Han characters: "Made of recycled aluminium" may become "its recycled aluminium".
MOST = 0.6


def facts_said(text: str, brief: Brief) -> list[str]:
    """The facts most of whose words are in the text."""
    there = _parts(text)
    return [fact for fact in brief.facts if _is_said(_parts(fact), there)]


def _is_said(parts: set[str], there: set[str]) -> bool:
    return bool(parts) and len(parts & there) >= MOST * len(parts)


def _parts(text: str) -> set[str]:
    words = _WORD.findall(HAN.sub(" ", text.casefold()))
    return {word.removesuffix("s")[:_STEM_CHARS] for word in words} | set(HAN.findall(text))
