"""How long a text is: in words, or in Chinese in characters."""

import re

from core.language import HAN

_WORD = re.compile(r"[^\W_]+(?:(?:['’\-–./&]|(?<=\d),(?=\d))[^\W_]+)*")


def length_of(text: str, language: str) -> int:
    """Words; for "zh" Han characters, where a word of Latin letters or a number counts as one."""
    if language != "zh":
        return len(_WORD.findall(HAN.sub(" 字 ", text)))
    return len(HAN.findall(text)) + len(_WORD.findall(HAN.sub(" ", text)))
