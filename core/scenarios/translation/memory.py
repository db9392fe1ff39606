"""What people have translated before: a sentence that comes again is not sent to the model."""

import re
from collections.abc import Sequence
from typing import Protocol

from core.errors import N_, InputTooLargeError, InvalidInputError, OverloadedError
from core.limits import MAX_REMEMBERED
from core.redaction import redact
from core.scenarios.translation.languages import require_language
from core.scenarios.translation.tokens import has_words
from core.store import Remembered, RememberedRow, Store

# Longer than any sentence that a text is cut into.
MAX_CHARS = 1000
_LABEL = re.compile(r"\[(?:e-mail|bank account|id number|card|phone|account)\]")


class Memory(Protocol):
    """Translations by sentence, in one direction."""

    def recall(self, sentences: Sequence[str], *, source: str, target: str) -> dict[str, str]:
        """The known translations, by sentence."""
        ...


class TranslationMemory:
    """The memory of one owner (a session), in the database; a sentence is found whatever its blanks are."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner

    def recall(self, sentences: Sequence[str], *, source: str, target: str) -> dict[str, str]:
        return self._store.recall(sentences, owner=self._owner, source=source, target=target)

    def remember(self, sentence: str, translation: str, *, source: str, target: str) -> int:
        """Keep a correction, which from now on is the translation of this sentence; returns its id.

        Raises InvalidInputError for empty sides and for personal data, which is never stored, InputTooLargeError
        for long texts, OverloadedError when the memory is full.
        """
        require_language(source)
        require_language(target)
        sentence, translation = _checked(sentence), _checked(translation)
        is_known = self.recall([sentence], source=source, target=target)
        if not is_known and self._store.count_remembered(self._owner) >= MAX_REMEMBERED:
            message = N_("Your memory holds {limit} sentences, the most there may be. Delete one first.")
            raise OverloadedError(message, limit=MAX_REMEMBERED)
        kept = Remembered(
            owner=self._owner, source=source, target=target, text=sentence, translation=translation
        )
        return self._store.remember(kept)

    def entries(self, *, limit: int = 100, offset: int = 0) -> list[RememberedRow]:
        """The newest first."""
        return self._store.remembered(self._owner, limit=limit, offset=offset)

    def count(self) -> int:
        return self._store.count_remembered(self._owner)

    def forget(self, entry_id: int) -> bool:
        """Delete an entry; False when it has gone already."""
        return self._store.forget(entry_id, owner=self._owner)


def _checked(text: str) -> str:
    text = text.strip()
    if not has_words(text):
        raise InvalidInputError(N_("A sentence and its translation both need words. Fill in what is empty."))
    if len(text) > MAX_CHARS:
        message = N_("Keep what is remembered under {limit} characters a sentence (this has {count}).")
        raise InputTooLargeError(message, limit=MAX_CHARS, count=len(text))
    redacted = redact(text)
    if redacted != text:
        message = N_(
            "This sentence holds what looks like personal data ({kinds}), which is never stored. "
            "Leave it out of the memory."
        )
        raise InvalidInputError(message, kinds=", ".join(dict.fromkeys(_LABEL.findall(redacted))))
    return text
