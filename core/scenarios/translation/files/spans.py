"""Text files: the places of what is translated; everything between them is kept to the letter."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.encodings import Encoding, clean


def one_line(translation: str) -> str:
    """The translation without line breaks, which would mean something in the file."""
    return " ".join(translation.split())


def has_letters(text: str) -> bool:
    """Whether there is anything to translate, in any script."""
    return any(map(str.isalpha, text))


@dataclass(frozen=True)
class Span:
    """What stands from `start` to `end`; `text` is what a translator reads of it.

    `restored` makes of the translation what is written there; it is not asked where nothing changed.
    """

    start: int
    end: int
    text: str
    restored: Callable[[str], str] = one_line


def rebuilt(content: str, spans: Iterable[Span], translations: Sequence[str]) -> str:
    """The content with each span, in order and without overlaps, replaced."""
    parts, at = list[str](), 0
    for span, translation in zip(spans, translations, strict=True):
        if translation != span.text:
            parts += (content[at : span.start], span.restored(clean(translation)))
            at = span.end
    return "".join((*parts, content[at:]))


def rebuild(content: str, spans: Sequence[Span], encoding: Encoding) -> Callable[[Sequence[str]], bytes]:
    """How a document of these spans is written."""
    return lambda translations: encoding.encode(rebuilt(content, spans, translations))
