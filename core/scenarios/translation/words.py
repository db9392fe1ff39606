"""Texts as visitors type and paste them: refused with a sentence where nothing can be translated."""

import re

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.scenarios.translation.tokens import has_words

# Half a surrogate pair is no text for a tokenizer, NUL none for a database.
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def require_text(text: str, limit: int) -> str:
    """The same text. Raises InvalidInputError when it is empty, unreadable or without words, InputTooLargeError."""
    if len(text) > limit:
        message = N_("Keep the text under {limit} characters (this has {count}).")
        raise InputTooLargeError(message, limit=limit, count=len(text))
    if not text.strip():
        raise InvalidInputError(N_("Type a text to translate."))
    if found := _UNREADABLE.search(text):
        message = N_("Character {position} of the text cannot be read. Take it out and try again.")
        raise InvalidInputError(message, position=found.start() + 1)
    if not has_words(text):
        message = N_(
            "There are no words to translate here, only signs, numbers or placeholders. Add some text."
        )
        raise InvalidInputError(message)
    return text
