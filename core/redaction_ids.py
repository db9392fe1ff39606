"""What personal data looks like, but for phone numbers: a detector per kind, from text to spans.

Chinese has no word boundaries, so a number begins where no Latin letter or digit stands before it, not at "\\b".
Repetitions are bounded and separators never overlap with what they separate, so no input makes them slow.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

Span = tuple[int, int]
Detect = Callable[[str], Iterator[Span]]

BEFORE = r"(?<![0-9A-Za-z])(?<![0-9][.,])"
"""Not inside a word, a longer number or behind a decimal point."""
GAP = r"(?:[ ]?[-./][ ]?|[ ]{1,2})"
_IS = r"(?:[ ]?(?:number|no\b|id\b|is|at|on|me|号码|号|是|为))"
FILLER = rf"{_IS}{{0,3}}[ :#=.(]{{0,4}}"
"""What stands between the name of a number and the number."""

_EMAIL = re.compile(r"[A-Za-z0-9À-ɏ._%+'-]{1,64}@(?:[A-Za-z0-9À-ɏ-]{1,63}\.){1,8}[A-Za-z]{2,24}")

_IBAN = re.compile(r"(?<![0-9A-Za-z])(?=([A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}))")

_DIGIT_RUN = re.compile(rf"{BEFORE}[0-9](?:[ -]{{0,2}}[0-9]){{11,}}")
_CARD_NAMED = re.compile(
    rf"(?:(?<![A-Za-z])(?:card|visa|mastercard|amex)|卡号|信用卡|银行卡|储蓄卡|借记卡){FILLER}"
    r"([0-9](?:[ -]{0,2}[0-9]){11,18})(?![0-9])",
    re.IGNORECASE,
)

_RESIDENT_ID = re.compile(
    rf"{BEFORE}[1-9][0-9]{{5}}[ -]?(?:18|19|20)[0-9]{{2}}[ -]?[01][0-9][0-3][0-9][ -]?[0-9]{{3}}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
# Areas 000 and 666 were never given out; 9xx are taxpayer numbers, which are no less personal.
_SSN = re.compile(rf"{BEFORE}(?<!-)(?!000|666)[0-9]{{3}}-(?!00)[0-9]{{2}}-(?!0000)[0-9]{{4}}(?!-?[0-9])")
_ID_NAMED = re.compile(
    r"(?:(?<![A-Za-z])(?:passport|ID[ ]card|identity[ ]card|national[ ]id|ssn|social[ ]security|tax[ ]id|"
    r"national[ ]insurance|driver'?s?[ ]licen[cs]e|driving[ ]licen[cs]e)|"
    rf"身份证|证件号|护照|通行证|驾驶证|驾照|社保号){FILLER}"
    r"([A-Za-z]{0,2}[ -]?[0-9](?:[ -]?[0-9]){4,17}[A-Za-z]?|(?=(?:[A-Za-z]{0,9}[0-9]){3})[A-Za-z0-9]{6,12})"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_ACCOUNT_NAMED = re.compile(
    r"(?:"
    # A number, or a word with a digit, dash or underscore in it, needs nothing between.
    r"(?:(?<![A-Za-z])(?:wechat|weixin|vx|wx|qq)|微信|威信|薇信|扣扣)"
    rf"{FILLER}((?=[A-Za-z_-]{{0,19}}[0-9_-])[A-Za-z0-9][A-Za-z0-9_-]{{4,19}})(?![A-Za-z0-9_-])"
    # A plain word is an id only where the sentence says so: "WeChat is great", "wechat payment".
    r"|(?:(?<![A-Za-z])(?:wechat|weixin|vx|wx)(?:[ ]?id)?|微信号?)[ ]?(?:[:=]|号是|号为)[ ]{0,2}"
    r"([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
    r"|(?:(?<![A-Za-z])(?:my|the)[ ]wechat(?:[ ]id)?[ ]is[ ]|(?<![A-Za-z])wechat[ ]id[ ]?(?:is[ ])?|"
    r"我的?微信号?[ ]?[是为]?[ ]?)([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
    r")",
    re.IGNORECASE,
)

# Issuer prefixes and lengths (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay.
_CARD_KINDS = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|"
    r"3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|35[0-9]{14}|"
    r"6[02][0-9]{14,17}"
)
_IBAN_LENGTHS = range(15, 35)


def digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text))


def ibans(text: str) -> Iterator[Span]:
    """Account numbers whose check digits are right (ISO 13616); words that follow are left alone."""
    end = 0
    for match in _IBAN.finditer(text):
        begin = match.start()
        stop = _iban_end(match[1]) if begin >= end else 0
        if stop:
            end = begin + stop
            yield begin, end


def _iban_end(candidate: str) -> int:
    """How much of the candidate, up to the end of a group, is an IBAN; 0 for nothing."""
    ends = [place.start() for place in re.finditer(r"[ -]|$", candidate)]
    return next((end for end in reversed(ends) if _is_iban(re.sub("[ -]", "", candidate[:end]))), 0)


def _is_iban(number: str) -> bool:
    """Modulo 97 of the letters and digits, the first four moved to the end, is 1."""
    return len(number) in _IBAN_LENGTHS and int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1


def cards(text: str) -> Iterator[Span]:
    """Payment cards after their name, else those with a known issuer and a right check digit (Luhn)."""
    named = [match.span(1) for match in _CARD_NAMED.finditer(text)]
    yield from named
    for run in _DIGIT_RUN.finditer(text):
        if not any(begin < run.end() and run.start() < end for begin, end in named):
            yield from _cards_in(run)


def _cards_in(run: re.Match[str]) -> Iterator[Span]:
    """Groups of digits that together make a card; a date or an order number may stand beside them."""
    groups = [(run.start() + group.start(), run.start() + group.end()) for group in re.finditer("[0-9]+", run[0])]
    ...
