"""Chinese or not: enough to choose an embedder, a passage's version and a label, without a model."""

import re

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
LATIN_WORD = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> str:
    """ "zh" when Han characters are at least as many as Latin words, else "en"."""
    han = len(HAN.findall(text))
    return "zh" if han and han >= len(LATIN_WORD.findall(text)) else "en"
