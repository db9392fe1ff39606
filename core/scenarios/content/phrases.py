"""Where a phrase occurs in a text, whatever its case and the space within it."""

import re

Span = tuple[int, int]
# A phrase of letters is not looked for inside a longer word: "art" is not in "start". Han has no such border.
_LETTER = r"[0-9A-Za-z\u00c0-\u024f]"


def occurrences(phrase: str, text: str) -> list[Span]:
    """Start and end of each occurrence, in characters of `text`."""
    words = r"\s+".join(re.escape(word) for word in phrase.split())
    if not words:
        return []
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, phrase.strip()) else ""
    after = rf"(?!{_LETTER})" if re.search(rf"{_LETTER}\Z", phrase.strip()) else ""
    return [found.span() for found in re.finditer(before + words + after, text, re.IGNORECASE)]
