"""Blanks between what is put together: words must not grow into tokens, and each language has its habits."""

import re
from collections.abc import Sequence

_GROWS_AFTER = re.compile(r"(?:[A-Za-z0-9_.%$]|[0-9][,:/-])\Z")
_GROWS_BEFORE = re.compile(r"[A-Za-z0-9_%$]|[.,:/-][0-9]")
# What English sets apart from a word beside it; "<" of an opening tag likewise, but not of a closing one.
_APART_BEFORE = re.compile(r"[A-Za-z0-9{$%`]|<(?!/)")
_APART_AFTER = re.compile(r"(?:[A-Za-z0-9}%`]|</[^<>]*>)\Z")
# The marks of the one language as the other writes them; a full stop only where a sentence ends.
_TO_ENGLISH = {
    "，": ", ",
    "。": ". ",
    "、": ", ",
    "；": "; ",
    "：": ": ",
    "！": "! ",
    "？": "? ",
    "（": " (",
    "）": ") ",
}
_TO_CHINESE = {",": "，", ".": "。", ";": "；", ":": "：", "!": "！", "?": "？"}
_BLANK_BEFORE = re.compile(r" +([,.;:!?)])")
_ENGLISH_MARK = re.compile(r"([,.;:!?])\s+")


def punctuated(marks: str, language: str, *, is_last: bool) -> str:
    """What stands between two tokens, or after the last, and has no words, as the language writes it."""
    if language == "zh":
        # "{a}.{b}" is no end of a sentence.
        marks += " " if is_last else ""
        return _ENGLISH_MARK.sub(lambda match: _TO_CHINESE[match.group(1)], marks)
    for chinese, english in _TO_ENGLISH.items():
        marks = marks.replace(chinese, english)
    return _BLANK_BEFORE.sub(r"\1", marks)


def append(text: str, more: str) -> str:
    """The two together, with a blank where a word or number would otherwise grow into its neighbour."""
    return f"{text} {more}" if _GROWS_AFTER.search(text) and _GROWS_BEFORE.match(more) else text + more


def joined(parts: Sequence[str], language: str) -> str:
    """Words and tokens in turn as one sentence of `language`."""
    text = ""
    for part in parts:
        if language == "zh":
            # Chinese needs no blanks; where Latin letters meet, `append` puts one.
            text = append(text.rstrip(" "), part.strip(" "))
        elif _APART_AFTER.search(text) and _APART_BEFORE.match(part):
            text += f" {part}"
        else:
            text = append(text, part)
    return text
