"""A file in: taken apart by its kind, or refused with one sentence."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath

from core.encodings import decode_with_encoding
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import (
    MAX_TRANSLATION_CHARS,
    MAX_TRANSLATION_FILE_BYTES,
    MAX_TRANSLATION_FILE_CHARS,
    MAX_TRANSLATION_FILE_LINES,
    MAX_TRANSLATION_FILE_TEXTS,
)
from core.scenarios.translation.files.document import Document
from core.scenarios.translation.files.markdown import read_markdown
from core.scenarios.translation.files.plain import read_plain
from core.scenarios.translation.files.spans import Span, rebuild
from core.scenarios.translation.files.subtitles import read_subtitles
from core.scenarios.translation.files.tables import read_table

_READERS: dict[str, Callable[[str], Iterator[Span]]] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".csv": read_table,
    ".tsv": partial(read_table, is_tabbed=True),
    ".srt": read_subtitles,
}
SUFFIXES = (*_READERS, ".docx")
NAME_CHARS = 80
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"<>|*?:\\/\ud800-\udfff]')


def read(name: str, content: bytes) -> Document:
    """The texts of a file to translate; `name` says by its ending what kind of file it is.

    Raises InvalidInputError or InputTooLargeError, and nothing else, with a sentence for the visitor.
    """
    suffix = PurePath(name).suffix.lower()
    _check_file(name, suffix, content)
    if suffix == ".docx":
        texts, written = _read_word(content)
    else:
        text, encoding = decode_with_encoding(content)
        _check_lines(text, suffix)
        spans = tuple(_bounded(_READERS[suffix](text)))
        texts, written = tuple(span.text for span in spans), rebuild(text, spans, encoding)
    _check_texts(texts)
    return Document(_safe(name), suffix.removeprefix("."), texts, written)


def _read_word(content: bytes) -> tuple[tuple[str, ...], Callable]:
    # Here and not above: lxml takes some 30 ms to import, which every start of the application would pay.
    from core.scenarios.translation.files.word import read_word

    return read_word(content)


def _safe(name: str) -> str:
    """The name without folders and signs that a file system refuses."""
    path = PurePath(_UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]))
    return path.stem[:NAME_CHARS].strip(". ") + path.suffix if path.stem.strip(". ") else f"file{path.suffix}"


def _check_file(name: str, suffix: str, content: bytes) -> None:
    if suffix not in SUFFIXES:
        message = N_(
            "The file {name} is of a kind that cannot be translated. "
            "Use plain text, Markdown, CSV, subtitles (srt) or Word (docx)."
        )
        raise InvalidInputError(message, name=name[:NAME_CHARS])
    if len(content) > MAX_TRANSLATION_FILE_BYTES:
        raise InputTooLargeError(
            N_("The file has {size} MB; the limit is {limit} MB. Split it into several files."),
            size=-(-len(content) // 2**20),
            limit=MAX_TRANSLATION_FILE_BYTES // 2**20,
        )
    if not content.strip(b"\x00\t\n\r "):
        raise InvalidInputError(N_("The file is empty. Choose one with text in it."))


def _check_lines(text: str, suffix: str) -> None:
    """Refuse what takes minutes to take apart; tables have a limit on their cells."""
    if (
        suffix not in (".csv", ".tsv")
        and max(text.count("\n"), text.count("\r")) > MAX_TRANSLATION_FILE_LINES
    ):
        raise InputTooLargeError(
            N_("The file has more than {limit} lines. Split it into several files."),
            limit=MAX_TRANSLATION_FILE_LINES,
        )


def _bounded(spans: Iterator[Span]) -> Iterator[Span]:
    """The spans, as long as there are no more, and none longer together, than a file may have."""
    chars = 0
    for count, span in enumerate(spans):
        chars += len(span.text)
        if count >= MAX_TRANSLATION_FILE_TEXTS:
            raise _too_many()
        if chars > MAX_TRANSLATION_FILE_CHARS:
            raise _too_long()
        yield span


def _too_many() -> InputTooLargeError:
    message = N_("The file has more than {limit} texts to translate. Split it into several files.")
    return InputTooLargeError(message, limit=MAX_TRANSLATION_FILE_TEXTS)


def _too_long() -> InputTooLargeError:
    message = N_("The file has more than {limit} characters to translate. Split it into several files.")
    return InputTooLargeError(message, limit=MAX_TRANSLATION_FILE_CHARS)


def _check_texts(texts: tuple[str, ...]) -> None:
    if not texts:
        raise InvalidInputError(
            N_("No text to translate was found in the file. Choose one with words in it.")
        )
    if len(texts) > MAX_TRANSLATION_FILE_TEXTS:
        raise _too_many()
    if sum(map(len, texts)) > MAX_TRANSLATION_FILE_CHARS:
        raise _too_long()
    longest = max(map(len, texts))
    if longest > MAX_TRANSLATION_CHARS:
        raise InputTooLargeError(
            N_("A paragraph of the file has {count} characters; the limit is {limit}. Divide it."),
            count=longest,
            limit=MAX_TRANSLATION_CHARS,
        )
