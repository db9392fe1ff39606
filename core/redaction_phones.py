"""What phone numbers look like: international, Chinese, North American and British ones, and those after "phone".

Numbers without a country code follow the ways people group them, since a looser pattern would eat dates and
order numbers; where the grouping alone says too little, the numbering plans of `phonenumbers` decide.
"""

import re
from collections.abc import Callable, Iterator

from core.redaction_ids import BEFORE, FILLER, Span

_GAP = r"(?:[ ]?[-./][ ]?|[ ]{1,2})"
_EXTENSION = r"(?:[ ]?(?:转|分机|ext\.?|x)[ ]?[0-9]{1,6}(?![0-9]))?"

# Eleven digits in the groups people write: 3-4-4, 3-8, 7-4, 4-4-3, 3-3-5, or each digit alone.
MOBILE_CN = re.compile(
    rf"{BEFORE}(?:\(?(?:\+|00)?86\)?{_GAP}?)?1(?:[3-9][0-9]{{9}}|[3-9][0-9](?:"
    rf"{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|{_GAP}[0-9]{{8}}|[0-9]{{4}}{_GAP}[0-9]{{4}}|"
    rf"[0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}|{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}})|[ ][3-9](?:[ ][0-9]){{9}})(?![0-9])"
)
NANP = re.compile(
    rf"{BEFORE}(?<!-)(?:1[-. ])?(?:\([2-9][0-9]{{2}}\)[ ]?|[2-9][0-9]{{2}}[-.])[2-9][0-9]{{2}}[-. ][0-9]{{4}}"
    rf"(?!-?[0-9]){_EXTENSION}"
)
_NAMED = re.compile(
    r"(?:(?<![A-Za-z])(?:phone|telephone|tel|mobile|cell|fax|whatsapp|call|text|ring)|"
    rf"电话|手机|座机|联系方式|传真|致电|拨打){FILLER}"
    rf"([+(]{{0,2}}[0-9](?:[ ()./-]{{0,2}}[0-9]){{6,14}})(?![0-9]){_EXTENSION}",
    re.IGNORECASE,
)
_PLUS = re.compile(r"(?<![0-9A-Za-z])\(?\+[ ]?\(?[0-9](?:[ ()./-]{0,3}[0-9]){6,14}(?![0-9])")
_ZERO = re.compile(
    rf"{BEFORE}(?<!-)(?:\(0[0-9]{{2,4}}\)[ ]?|0[0-9])[0-9]{{1,13}}(?:{_GAP}[0-9]{{2,8}}){{0,5}}(?![0-9])"
)
_SPACED = re.compile(rf"{BEFORE}(?:1 )?[2-9][0-9]{{2}} [2-9][0-9]{{2}} [0-9]{{4}}(?![0-9])")
_TAIL = re.compile(_EXTENSION + r"(?:-[0-9]{1,5}(?![0-9]))?")
_DATE = re.compile(r"[0-9]{4}([-./ ])[0-9]{1,2}\1[0-9]{1,2}(?![0-9])|[0-9]{1,2}([-./])[0-9]{1,2}\2[0-9]{4}")


def named(text: str) -> Iterator[Span]:
    """Seven digits or more after a word for phone, unless they are a date ("call on 2024-01-15")."""
    for match in _NAMED.finditer(text):
        if not _DATE.match(match[1]):
            yield match.start(1), match.end()


def international(text: str) -> Iterator[Span]:
    """Numbers with + before them: the longest that exists, else the longest that could."""
    for match in _PLUS.finditer(text):
        yield from _extended(match, _longest(match[0], _exists) or _longest(match[0], _could_be))


def national(text: str) -> Iterator[Span]:
    """Numbers that begin with 0 (or 00 and a country) and exist in the United Kingdom or China.

    Eleven digits after 07, or grouped, count as British even where the plan has no such number yet.
    """
    for match in _ZERO.finditer(text):
        yield from _extended(match, _longest(match[0], _is_national))


def spaced(text: str) -> Iterator[Span]:
    """North American numbers with nothing but spaces in them, where the area code exists."""
    return (match.span() for match in _SPACED.finditer(text) if _exists(match[0], "US"))


def _longest(candidate: str, is_number: Callable[[str], bool]) -> int:
    """The length of the longest start of the candidate, up to the end of a group, that is a number; else 0."""
    ends = [group.end() for group in re.finditer("[0-9]+", candidate)]
    return next((end for end in reversed(ends) if is_number(candidate[:end])), 0)


def _extended(match: re.Match[str], length: int) -> Iterator[Span]:
    """The span of the first `length` characters and the extension behind them; nothing for 0."""
    if length:
        end = match.start() + length
        yield match.start(), _TAIL.match(match.string, end).end()


def _is_national(candidate: str) -> bool:
    digits = sum(map(str.isdigit, candidate))
    is_grouped = digits < len(candidate) or candidate.startswith("07")
    is_british = digits == 11 and is_grouped and _could_be(candidate, "GB")
    return is_british or _exists(candidate, "GB") or _exists(candidate, "CN")


def _exists(candidate: str, region: str | None = None) -> bool:
    """Whether the numbering plan has this number; `region` is for numbers without a country code."""
    return _in_plan(candidate, region, "is_valid_number")


def _could_be(candidate: str, region: str | None = None) -> bool:
    """Whether numbers of that country can have this length."""
    return _in_plan(candidate, region, "is_possible_number")


def _in_plan(candidate: str, region: str | None, question: str) -> bool:
    # Here and not above: it takes 30 ms to import, which every start of the application would pay.
    import phonenumbers

    try:
        return getattr(phonenumbers, question)(phonenumbers.parse(candidate, region))
    except phonenumbers.NumberParseException:
        return False
