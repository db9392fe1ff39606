"""What personal data looks like, all but phone numbers: a detector per kind, from text to spans.

Chinese has no word boundaries, so a number begins where no Latin letter or digit stands before it, not at "\\b".
Repetitions are bounded, so no input makes a pattern slow.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

# Not inside a word or a longer number, nor behind the point of a decimal fraction (1 to 3 digits before it).
BEFORE = r"(?<![0-9A-Za-z])" + "".join(rf"(?<!(?<![0-9])[0-9]{{{count}}}\.)" for count in (1, 2, 3))
# What stands between the name of a number and the number.
FILLER = r"(?:[ ]?(?:numbers?|no\b|id\b|is|at|on|me|号码|号|是|为)){0,3}[ :#=.]{0,4}"

EMAIL = re.compile(r"[A-Za-z0-9À-ɏ._%+'-]{1,64}@(?:[A-Za-z0-9À-ɏ-]{1,63}\.){1,8}[A-Za-z]{2,24}")

CARD_NAMED = re.compile(
    rf"(?:(?<![A-Za-z])(?:card|visa|mastercard|amex)|卡号|信用卡|银行卡|储蓄卡|借记卡){FILLER}"
    r"([0-9](?:[ -]{0,2}[0-9]){11,18})(?![0-9])",
    re.IGNORECASE,
)

# Areas 000 and 666 were never given out; 9xx are taxpayer numbers, which are no less personal.
SSN = re.compile(rf"{BEFORE}(?<!-)(?!000|666)[0-9]{{3}}-(?!00)[0-9]{{2}}-(?!0000)[0-9]{{4}}(?!-?[0-9])")

ID_NAMED = re.compile(
    r"(?:(?<![A-Za-z])(?:passport|ID[ ]card|identity[ ]card|national[ ]id|ssn|social[ ]security|tax[ ]id|"
    r"national[ ]insurance|driver'?s?[ ]licen[cs]e|driving[ ]licen[cs]e)|"
    rf"身份证|证件号|护照|通行证|驾驶证|驾照|社保号){FILLER}"
    r"([A-Za-z]{0,2}[ -]?[0-9](?:[ -]?[0-9]){4,17}[A-Za-z]?|(?=(?:[A-Za-z]{0,9}[0-9]){3})[A-Za-z0-9]{6,12})"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_APP = r"(?:(?<![A-Za-z])(?:wechat|weixin|vx|wx|qq)|微信|威信|薇信|扣扣)"
# A word with a digit, dash or underscore, or a number, needs nothing between it and the name of the app.
ACCOUNT = re.compile(
    rf"{_APP}{FILLER}((?=[A-Za-z]{{0,19}}[0-9_-])[A-Za-z0-9][A-Za-z0-9_-]{{4,19}})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
# A plain word is an id only where the sentence says so; "WeChat payment" and "WeChat is great" are none.
ACCOUNT_NAMED = re.compile(
    rf"(?:{_APP}[ ]?(?:id|号)?[ ]?(?::|=|id is|号是|号为)|{_APP} id|"
    r"(?<![A-Za-z])my wechat(?: id)? is|我的?微信号?[是为])"
    r"[ ]{0,2}([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)

_IBAN = re.compile(r"(?<![0-9A-Za-z])(?=([A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}))")
_RESIDENT_ID = re.compile(
    rf"{BEFORE}[1-9][0-9]{{5}}[ -]?(?:18|19|20)[0-9]{{2}}[ -]?[01][0-9][0-3][0-9][ -]?[0-9]{{3}}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
_DIGIT_RUN = re.compile(rf"{BEFORE}[0-9](?:[ -]{{0,2}}[0-9]){{12,}}")
# Issuer prefixes and lengths (ISO/IEC 7812) of Visa, Mastercard, Amex, Diners, Discover, JCB and UnionPay.
_CARD = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|"
    r"3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|35[0-9]{14}|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|"
    r"6[02][0-9]{14,17}"
)


def ibans(text: str) -> Iterator[Span]:
    """Account numbers with right check digits (ISO 13616); words that follow are left alone."""
    end = 0
    for match in _IBAN.finditer(text):
        length = _iban_length(match[1]) if match.start() >= end else 0
        if length:
            end = match.start() + length
            yield match.start(), end


def resident_ids(text: str) -> Iterator[Span]:
    """Chinese resident numbers with a right check character (GB 11643: ISO 7064, modulus 11-2)."""
    for match in _RESIDENT_ID.finditer(text):
        digits = re.sub("[ -]", "", match[0]).upper()
        if sum((10 if char == "X" else int(char)) << (17 - at) for at, char in enumerate(digits)) % 11 == 1:
            yield match.span()


def cards(text: str) -> Iterator[Span]:
    """Payment cards: groups of digits with a known issuer and a right check digit, whatever stands beside them."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [group.span() for group in re.compile("[0-9]+").finditer(text, *run.span())]
        at = 0
        while at < len(groups):
            # 19 digits are at most 19 groups; the longest first, or a card would lose its last group.
            stops = range(min(len(groups), at + 19), at, -1)
            stop = next((stop for stop in stops if _is_card(text[groups[at][0] : groups[stop - 1][1]])), 0)
            if stop:
                yield groups[at][0], groups[stop - 1][1]
            at = stop or at + 1


def _iban_length(candidate: str) -> int:
    """How much of the candidate, up to the end of a group, is an IBAN; 0 for nothing."""
    ends = [place.start() for place in re.finditer("[ -]|$", candidate)]
    return next((end for end in reversed(ends) if _is_iban(re.sub("[ -]", "", candidate[:end]))), 0)


def _is_iban(number: str) -> bool:
    """Modulo 97 of letters (A is 10) and digits, the first four moved to the end, is 1."""
    moved = number[4:] + number[:4]
    return 15 <= len(number) <= 34 and int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_card(text: str) -> bool:
    digits = re.sub("[ -]", "", text)
    return bool(_CARD.fullmatch(digits)) and _luhn(digits) == 0


def _luhn(digits: str) -> int:
    """The checksum of ISO/IEC 7812-1: 0 for a right number."""
    doubled = (sum(divmod(2 * int(char), 10)) for char in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10
