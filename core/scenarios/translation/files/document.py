"""A file taken apart into the texts to translate and everything else, which stays as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True)
class Document:
    """A file that was read; `write` puts translations in the places of its texts."""

    name: str
    kind: str
    """The file's ending, without the dot: "txt", "md", "csv", "srt", "docx" ..."""
    texts: tuple[str, ...]
    """What there is to translate, in the order of the file."""
    rebuild: Callable[[Sequence[str]], bytes] = field(repr=False)

    @property
    def chars(self) -> int:
        return sum(map(len, self.texts))

    def write(self, translations: Sequence[str]) -> bytes:
        """The file with one translation per text; where that equals the text, the file's own bytes remain.

        Raises ValueError when there are more or fewer translations than texts.
        """
        if len(translations) != len(self.texts):
            raise ValueError(f"{len(translations)} translations for {len(self.texts)} texts")
        return self.rebuild(translations)

    def file_name(self, target: str) -> str:
        """What to call the file in the language `target`: notes.txt becomes notes.zh.txt."""
        path = PurePath(self.name)
        return f"{path.stem}.{target}{path.suffix}"
