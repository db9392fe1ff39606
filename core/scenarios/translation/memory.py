"""What people have translated before: a sentence that comes again is not sent to the model."""

from collections.abc import Sequence
from typing import Protocol


class Memory(Protocol):
    """Translations by sentence, in one direction."""

    def recall(self, sentences: Sequence[str], *, source: str, target: str) -> dict[str, str]:
        """The known translations, by sentence."""
        ...
