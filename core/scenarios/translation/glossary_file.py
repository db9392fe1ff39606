"""Glossaries as CSV files: two columns, a term a row."""

import csv
import io
from collections.abc import Iterator

from core.encodings import decode
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_TERMS
from core.scenarios.translation.glossary import Term, checked_glossary
from core.spreadsheets import plain

MAX_BYTES = 2**20
DELIMITERS = (",", ";", "\t")
SOURCE_NAMES = ("source", "en", "english", "term", "原文", "英文", "英语", "术语")
TARGET_NAMES = ("target", "zh", "chinese", "translation", "译文", "中文", "汉语", "翻译")


def read_glossary(name: str, content: bytes) -> tuple[Term, ...]:
    """The terms of a CSV or TSV file; a header line names the columns (source, target or en, zh), or there is none.

    Raises InvalidInputError with the line, or InputTooLargeError.
    """
    if len(content) > MAX_BYTES:
        raise InputTooLargeError(N_("Keep the file under {limit} MB."), limit=MAX_BYTES // 2**20)
    rows = list(_rows(decode(content), "\t" if name.lower().endswith(".tsv") else None))
    places = _places(rows[0][1]) if rows else (0, 1)
    if places is None:
        places = (0, 1)
    else:
        rows = rows[1:]
    if not rows:
        raise InvalidInputError(
            N_("The file has no terms. Write one per line: the term, and its translation.")
        )
    return checked_glossary(_term(line, cells, places) for line, cells in rows)


def _rows(text: str, delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank; strict, or an open quote would swallow the rest in silence."""
    first = text.lstrip().split("\n", 1)[0]
    mark = delimiter or max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    found = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = N_(
                "The row that begins in line {line} cannot be read: a quotation mark is never closed or "
                "stands inside a quoted cell. Double the quotation marks inside a cell."
            )
            raise InvalidInputError(message, line=line) from error
        if any(cell.strip() for cell in cells):
            found += 1
            if found > MAX_TERMS + 1:
                raise InputTooLargeError(N_("Keep the glossary under {limit} terms."), limit=MAX_TERMS)
            yield line, cells


def _places(header: list[str]) -> tuple[int, int] | None:
    """Where the two columns are; None when the first row is a term already."""
    names = [cell.strip().lower() for cell in header]
    found = [
        next((names.index(name) for name in known if name in names), None)
        for known in (SOURCE_NAMES, TARGET_NAMES)
    ]
    return None if None in found else (found[0], found[1])


def _term(line: int, cells: list[str], places: tuple[int, int]) -> Term:
    sides = [plain(cells[place]) if place < len(cells) else "" for place in places]
    if not all(sides):
        message = N_(
            "Line {line} of the glossary has no term or no translation. Fill it in or delete the line."
        )
        raise InvalidInputError(message, line=line)
    return Term(*sides)
