"""What a visitor asks for, made clean, or refused in a sentence that says why."""

import re
import unicodedata
from dataclasses import replace

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import (
    MAX_AUDIENCE_CHARS,
    MAX_FACT_CHARS,
    MAX_FACTS,
    MAX_NEW_TOKENS,
    MAX_PHRASE_CHARS,
    MAX_PHRASES,
    MAX_PRODUCT_CHARS,
    MAX_TEMPERATURE,
    MAX_VARIANTS,
    MAX_WORDS,
    MIN_WORDS,
)
from core.scenarios.content.brief import CHANNELS, LANGUAGES, TONES, Brief
from core.scenarios.content.lengths import length_of
from core.types import GenerationOptions

_SPACE = re.compile(r"\s+")
# Controls, surrogates, what Unicode never assigns, and the marks that reverse what follows.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def checked(brief: Brief) -> Brief:
    """The brief with one space between words, nothing twice. Raises InvalidInputError or InputTooLargeError."""
    _one_of("channel", brief.channel, tuple(CHANNELS))
    _one_of("tone", brief.tone, tuple(TONES))
    _one_of("language", brief.language, tuple(LANGUAGES))
    if not MIN_WORDS <= brief.max_words <= MAX_WORDS:
        message = N_("Ask for {least} to {most} words (this asks for {count}).")
        raise InvalidInputError(message, least=MIN_WORDS, most=MAX_WORDS, count=brief.max_words)
    clean = replace(
        brief,
        product=_line("product", brief.product, MAX_PRODUCT_CHARS),
        audience=_line("audience", brief.audience, MAX_AUDIENCE_CHARS),
        facts=_lines("facts", brief.facts, MAX_FACTS, MAX_FACT_CHARS),
        must_say=_lines("must_say", brief.must_say, MAX_PHRASES, MAX_PHRASE_CHARS),
        must_not_say=_lines("must_not_say", brief.must_not_say, MAX_PHRASES, MAX_PHRASE_CHARS),
    )
    if not any(map(str.isalnum, clean.product)):
        raise InvalidInputError(N_("Name the product, or what the text is about."))
    _check_terms(clean)
    return clean


def checked_options(options: GenerationOptions, n: int) -> GenerationOptions:
    """The same options. Raises InvalidInputError when `n` texts cannot be drawn with them."""
    _between("variants", n, 1, MAX_VARIANTS)
    _between("temperature", options.temperature, 0, MAX_TEMPERATURE)
    _between("top_p", options.top_p, 0.05, 1)
    _between("max_new_tokens", options.max_new_tokens, 1, MAX_NEW_TOKENS)
    _between("seed", options.seed, 0, 2**31 - 1)
    if n > 1 and options.temperature == 0:
        message = N_(
            "At temperature 0 all {count} variants would be the same. Raise it, or ask for one variant."
        )
        raise InvalidInputError(message, count=n)
    return options


def _one_of(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        message = N_("The field {field} has to be one of: {choices}.")
        raise InvalidInputError(message, field=field, choices=", ".join(choices))


def _between(field: str, value: float, least: float, most: float) -> None:
    # Written so that NaN is refused as well.
    if not least <= value <= most:
        message = N_("The field {field} has to be between {least} and {most} (this is {value}).")
        raise InvalidInputError(message, field=field, least=least, most=most, value=value)


def _lines(field: str, lines: tuple[str, ...], most: int, limit: int) -> tuple[str, ...]:
    filled = [line for line in lines if line and not line.isspace()]
    if len(filled) > most:
        message = N_("The field {field} has {count} entries; the limit is {limit}.")
        raise InputTooLargeError(message, field=field, count=len(filled), limit=most)
    return tuple(dict.fromkeys(_line(field, line, limit) for line in filled))


def _line(field: str, text: str, limit: int) -> str:
    # Before anything else that looks at each character: a million of them may come.
    if len(text) > 4 * limit:
        raise _too_long(field, text, limit)
    clean = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if bad := _UNPRINTABLE.search(clean):
        message = N_("The field {field} has a character that cannot be shown ({code}). Remove it.")
        raise InvalidInputError(message, field=field, code=f"U+{ord(bad[0]):04X}")
    if len(clean) > limit:
        raise _too_long(field, clean, limit)
    return clean


def _too_long(field: str, text: str, limit: int) -> InputTooLargeError:
    message = N_("Keep the field {field} under {limit} characters (this has {count}).")
    return InputTooLargeError(message, field=field, limit=limit, count=len(text))


def _check_terms(brief: Brief) -> None:
    """What must be said must be allowed, and fit."""
    for wanted in brief.must_say:
        unwanted = next((term for term in brief.must_not_say if term.casefold() in wanted.casefold()), None)
        if unwanted:
            message = N_("The text must say “{wanted}” and must not say “{unwanted}”. Drop one of them.")
            raise InvalidInputError(message, wanted=wanted, unwanted=unwanted)
    needed = length_of("; ".join(brief.must_say), brief.language)
    if needed > brief.max_words:
        message = N_(
            "What must be said has {count} words already; the text may have {limit}. Allow more words."
        )
        raise InvalidInputError(message, count=needed, limit=brief.max_words)
