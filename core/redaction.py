"""Personal data in free text, replaced by labels before anything is written.

Covers e-mail addresses, phone numbers, payment cards, bank accounts (IBAN), US social security and Chinese
resident numbers, other identity documents after their name, WeChat and QQ ids; in English and Chinese
sentences, in half and full width. Names and street addresses stay: no pattern tells them from other words.
Where a number could be either, a false label is cheaper than a leak.
"""

import unicodedata

from core.redaction_patterns import DETECTORS, Span


def redact(text: str) -> str:
    """The text with personal data replaced by labels; doing it twice changes nothing more.

    The work grows linearly with the text, whatever is in it: every pattern is bounded.
    """
    plain = _plain(text)
    found: list[tuple[Span, str]] = []
    for label, detect in DETECTORS:
        spans = list(detect(plain))
        found += [(span, label) for span in spans]
        # What one detector took, the next must not see: a card number contains many a phone number.
        plain = _replaced(plain, [(span, "\0" * (span[1] - span[0])) for span in spans])
    return _replaced(text, sorted(found)) if found else text


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
