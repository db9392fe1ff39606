"""Personal data in free text, replaced by labels before anything is written.

Covers e-mail addresses, phone numbers, payment cards, bank accounts (IBAN), US social security and Chinese
resident numbers, other identity documents after their name, WeChat and QQ ids; in English and Chinese
sentences, in half and full width. Names and street addresses stay: no pattern tells them from other words.
Where a number could be either, a false label is cheaper than a leak.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from core import redaction_ids as ids
from core import redaction_phones as phones
from core.redaction_ids import Span

Detect = Callable[[str], Iterator[Span]]


def _spans(pattern: re.Pattern[str]) -> Detect:
    """A detector of what the pattern's group (all of it where there is none) matches."""
    group = min(1, pattern.groups)
    return lambda text: (match.span(group) for match in pattern.finditer(text))


# In this order: the surest first, since what one took, the next does not see.
_DETECTORS: tuple[tuple[str, Detect], ...] = (
    ("[e-mail]", _spans(ids.EMAIL)),
    ("[bank account]", ids.ibans),
    ("[id number]", ids.resident_ids),
    ("[card]", _spans(ids.CARD_NAMED)),
    ("[card]", ids.cards),
    ("[id number]", _spans(ids.ID_NAMED)),
    ("[id number]", _spans(ids.SSN)),
    ("[phone]", _spans(phones.MOBILE_CN)),
    ("[account]", _spans(ids.ACCOUNT)),
    ("[account]", _spans(ids.ACCOUNT_NAMED)),
    ("[phone]", phones.named),
    ("[phone]", phones.international),
    ("[phone]", _spans(phones.NANP)),
    ("[phone]", phones.national),
    ("[phone]", phones.spaced),
)


# What was found separates what stood beside it, which may now be seen; hardly any text needs a third pass.
_MAX_PASSES = 4


def redact(text: str) -> str:
    """The text with personal data replaced by labels; doing it twice changes nothing more.

    The work grows linearly with the text, whatever is in it: every pattern is bounded.
    """
    for _ in range(_MAX_PASSES):
        redacted = _redact_once(text)
        if redacted == text:
            break
        text = redacted
    return text


def _redact_once(text: str) -> str:
    plain = _plain(text)
    found: list[tuple[Span, str]] = []
    for label, detect in _DETECTORS:
        spans = list(detect(plain))
        found += [(span, label) for span in spans]
        # What one detector took, the next must not see: a card number contains many a phone number.
        plain = _replaced(plain, [(span, "\0" * (span[1] - span[0])) for span in spans])
    return _replaced(text, sorted(found))


def _replaced(text: str, replacements: list[tuple[Span, str]]) -> str:
    """The text with each span, in order and without overlaps, replaced."""
    parts, at = list[str](), 0
    for (start, end), replacement in replacements:
        parts += (text[at:start], replacement)
        at = end
    return "".join((*parts, text[at:]))


def _plain(text: str) -> str:
    """The text, character by character, in the forms that the patterns know: same length, same places."""
    return text if text.isascii() else "".join(map(_plain_char, text))


def _plain_char(char: str) -> str:
    if char < "\u00a0" or "\u3400" <= char <= "\u9fff":
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    # Invisible marks count as spaces: address books wrap copied numbers in them.
    if category in ("Zs", "Cf"):
        return " "
    if category == "Pd":
        return "-"
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    return char
