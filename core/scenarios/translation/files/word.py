"""Word documents (docx): the words of each paragraph; styles, pictures, fields and all other parts stay.

A paragraph in one format is a plain text. Where formats differ, the one with most words is plain, and words in
another format, or in a link, stand between tags (see inline). Reads body, tables, text boxes, headers, footers
and notes; tracked deletions and content controls within a line stay as they are.
"""

from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from core.encodings import clean
from core.scenarios.translation.files.package import read_parts, write_parts
from core.scenarios.translation.files.paragraphs import PARAGRAPH, Paragraph, replace, taken_apart


def read_word(content: bytes) -> tuple[tuple[str, ...], Callable[[Sequence[str]], bytes]]:
    """The texts of a docx file, and how to write it. Raises InvalidInputError, InputTooLargeError."""
    texts = tuple(paragraph.text for _, paragraph in _paragraphs(read_parts(content)))
    return texts, lambda translations: _written(content, texts, translations)


def _written(content: bytes, texts: Sequence[str], translations: Sequence[str]) -> bytes:
    """The file, read once more so that it can be written twice, with the paragraphs that changed."""
    parts, changed = read_parts(content), set[str]()
    found = list(_paragraphs(parts))
    for (name, paragraph), text, translation in zip(found, texts, translations, strict=True):
        if translation != text:
            replace(paragraph, clean(translation))
            changed.add(name)
    return write_parts(content, {name: parts[name] for name in changed}) if changed else content


def _paragraphs(parts: dict[str, etree._Element]) -> Iterator[tuple[str, Paragraph]]:
    """(part's name, paragraph) of each paragraph that has words."""
    for name, root in parts.items():
        for element in root.iter(PARAGRAPH):
            paragraph = taken_apart(element)
            if paragraph is not None:
                yield name, paragraph
