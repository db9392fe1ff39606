"""Numbers and names in a text that its brief does not contain: what a writer may have made up.

Simple on purpose, and wrong in known ways: a name at the beginning of a sentence or in a title looks like any
other word and is not seen; days, months and nationalities count as names; "two" is a number, "one" and "a dozen"
are not. A number counts as given when the brief has it in any spelling (1,000 = 1000 = 1 000, 2 = two = 二).
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from core.scenarios.content.brief import Brief
from core.scenarios.content.phrases import Span

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:[ \u00a0\u202f]\d{3}(?!\d))*")
# "1." at the beginning of a line numbers the line.
_LIST_NUMBER = re.compile(r"^[ \t]*\d{1,2}[.)、](?=\s|[^\d\s])", re.MULTILINE)
_THOUSANDS = re.compile(r"[,\s](?=\d{3}(?!\d))")
_NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30", "fifty": "50",
    "hundred": "100", "thousand": "1000",
}  # fmt: skip
_HAN_NUMBERS = {
    "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
    "十": "10", "百": "100", "千": "1000", "万": "10000",
}  # fmt: skip
# Letters, but no Han: "支持HomeKit" has one word.
_LETTERS = r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
_WORD = re.compile(rf"{_LETTERS}(?:['’\-]{_LETTERS})*")
_POSSESSIVE = re.compile(r"['’]s?$")
# Capitals that name nothing.
_NO_NAMES = frozenset(["i", "i'm", "i'll", "i've", "i'd", "ok", "hi", "hello", "dear"])
_LATIN = re.compile(r"[A-Za-z]")
# A line in which so many of the longer words are capitalised is a title.
_TITLE_SHARE = 0.6
_FULL_STOP = re.compile(r"[.!?](?=\s|$)(?!\s*$)|\.\s*$")


def unsupported(text: str, brief: Brief) -> list[Span]:
    """The numbers and names of `text` that are not in the brief, in the order of the text."""
    text = _LIST_NUMBER.sub(lambda number: " " * len(number[0]), text)
    given = " \n ".join((brief.product, brief.audience, *brief.facts, *brief.must_say))
    return sorted([*_numbers(text, given), *_names(text, given, brief.language)])


def _numbers(text: str, given: str) -> list[Span]:
    known = {value for _, value in _values(given)} | {
        _HAN_NUMBERS[each] for each in given if each in _HAN_NUMBERS
    }
    return [span for span, value in _values(text) if value not in known]


def _values(text: str) -> list[tuple[Span, str]]:
    """Each number, in digits or as a word, with its value in one spelling."""
    # Full-width digits become plain ones; nothing else changes its length.
    plain = "".join(unicodedata.normalize("NFKC", each) if each.isdigit() else each for each in text)
    digits = [(found.span(), _value(found[0])) for found in _NUMBER.finditer(plain)]
    words = [(found.span(), value) for found in _WORD.finditer(text) for value in _spelled(found[0])]
    return digits + words


def _value(number: str) -> str:
    plain = _THOUSANDS.sub("", number)
    try:
        # 1.50 is 1.5, 007 is 7, and a comma that parts no thousands is a decimal one.
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return plain  # 1.2.3 is a version, not a quantity
    return f"{value.normalize():f}"


def _spelled(word: str) -> list[str]:
    """The values of "two" or "two-year"."""
    return [_NUMBER_WORDS[part] for part in word.lower().split("-") if part in _NUMBER_WORDS]


def _names(text: str, given: str, language: str) -> list[Span]:
    known = {form for word in _WORD.findall(given) for form in _forms(word)}
    return [
        found.span()
        for line in re.finditer(r".+", text)
        for found in _candidates(text, line, language)
        if not _forms(found[0]) & known
    ]


def _candidates(text: str, line: re.Match, language: str) -> list[re.Match]:
    """The words of a line that may be names."""
    words = list(_WORD.finditer(text, *line.span()))
    if language == "zh":
        return [word for word in words if len(_LATIN.findall(word[0])) > 1]
    if _is_title(line[0], [word[0] for word in words if len(word[0]) > 3]):
        return []
    return [word for word in words if _is_name(word[0]) and _is_inside(text[line.start() : word.start()])]


def _is_title(line: str, longer: list[str]) -> bool:
    """A line without a full stop in which most of the longer words begin with a capital."""
    capitalised = sum(word[0].isupper() for word in longer)
    return len(longer) > 1 and capitalised >= _TITLE_SHARE * len(longer) and not _FULL_STOP.search(line)


def _is_name(word: str) -> bool:
    is_capitalised = any(part[:1].isupper() for part in word.split("-"))
    return is_capitalised and word.lower().replace("’", "'") not in _NO_NAMES and len(word) > 1


def _is_inside(before: str) -> bool:
    """Whether a word after `before` stands inside a sentence: after a word, a number or a comma."""
    before = before.rstrip(" \u00a0\t")
    return bool(before) and (before[-1].isalnum() or before[-1] in ",'’&/%)")


def _forms(word: str) -> set[str]:
    """The word and its parts, without case, possessive or plural."""
    plain = _POSSESSIVE.sub("", word.casefold())
    parts = {plain, *plain.split("-")}
    return parts | {part.removesuffix("s") for part in parts if len(part) > 3}
