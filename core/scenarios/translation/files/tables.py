"""CSV and TSV: the cells that hold words; column names, codes, numbers and addresses stay."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_TRANSLATION_CELLS
from core.scenarios.translation.files.spans import Span, has_letters
from core.spreadsheets import FORMULA_STARTS, neutralised

DELIMITERS = (",", ";", "\t", "|")
# Records that show what the delimiter is.
SNIFFED = 20
# A column name is short; a longer first row is text already.
NAME_CHARS = 40
# Columns of these names tell rows apart, whatever they look like.
_KEYS = re.compile(
    r"(?:.*_)?(?:id|key|code|sku|url|uri|link|lang|language|locale|编号|代码|语言|网址|链接)", re.IGNORECASE
)
_CODE = re.compile(r"[A-Z0-9]{1,5}|[a-z]{1,2}|(?=[^\s\d]*\d)[!-~]+|[!-~]*[_/\\@:#=][!-~]*|[!-~]+\.[a-z]{2,5}")
_ENDS_SENTENCE = (".", "!", "?", "。", "！", "？", ",", "，", ";", "；")


@dataclass(frozen=True)
class _Cell:
    """A cell at its place in the file; the place includes the quotation marks."""

    start: int
    end: int
    text: str


def read_table(content: str, *, is_tabbed: bool = False) -> Iterator[Span]:
    """The cells with words of every column of words. Raises InvalidInputError with the line."""
    delimiter = "\t" if is_tabbed else _sniffed(content)
    records = [record for record in _records(content, delimiter) if any(cell.text for cell in record)]
    names = records[0] if records and _is_header(records) else []
    body = records[1:] if names else records
    kept = _kept_columns(names, body)
    for record in body:
        for column, cell in enumerate(record):
            if column not in kept and _is_words(cell.text):
                yield _span(cell, delimiter)


def _sniffed(content: str) -> str:
    """The delimiter that gives the first records most cells, of those that give each of them the same number."""
    return max(DELIMITERS, key=lambda mark: _width(content, mark))


def _width(content: str, delimiter: str) -> int:
    widths: set[int] = set()
    # A record that cannot be read is told of later, with the right delimiter.
    with suppress(InvalidInputError):
        for record in islice(_records(content, delimiter), SNIFFED):
            widths |= {len(record)} if len(record) > 1 or record[0].text.strip() else set()
    return widths.pop() if len(widths) == 1 else 0


def _records(content: str, delimiter: str) -> Iterator[list[_Cell]]:
    """The cells of each line; a quoted cell may hold several lines."""
    mark = re.escape(delimiter)
    pattern = re.compile(
        rf'(?:"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<bare>(?:[^"{mark}\r\n][^{mark}\r\n]*+)?+))'
        rf"(?P<end>{mark}|\r\n|\r|\n|\Z)"
    )
    at, count, record = 0, 0, list[_Cell]()
    while at < len(content) or record:
        match = pattern.match(content, at)
        if match is None:
            raise _unreadable(content, at)
        count += 1
        _check_count(count)
        text = match["bare"] if match["quoted"] is None else match["quoted"].replace('""', '"')
        record.append(_Cell(at, match.start("end"), text))
        at = match.end()
        if match["end"] != delimiter:
            yield record
            record = []


def _check_count(count: int) -> None:
    if count > MAX_TRANSLATION_CELLS:
        message = N_("The file has more than {limit} cells. Split it into several files.")
        raise InputTooLargeError(message, limit=MAX_TRANSLATION_CELLS)


def _unreadable(content: str, at: int) -> InvalidInputError:
    message = N_(
        "The row that begins in line {line} cannot be read: a quotation mark is never closed or "
        "stands inside a quoted cell. Double the quotation marks inside a cell."
    )
    return InvalidInputError(message, line=content.count("\n", 0, at) + 1)


def _is_header(records: list[list[_Cell]]) -> bool:
    """Whether the first row names columns: short, all different, no sentence, no number."""
    names = [cell.text.strip() for cell in records[0]]
    return (
        len(records) > 1
        and len(set(names)) == len(names)
        and all(name and len(name) <= NAME_CHARS for name in names)
        and not any(name.endswith(_ENDS_SENTENCE) or not has_letters(name) for name in names)
    )


def _kept_columns(names: list[_Cell], body: list[list[_Cell]]) -> set[int]:
    """The columns that are keys by their name, or hold codes more often than words."""
    kept = {column for column, name in enumerate(names) if _KEYS.fullmatch(name.text.strip())}
    words: dict[int, Counter[bool]] = defaultdict(Counter)
    for record in body:
        for column, cell in enumerate(record):
            if has_letters(cell.text):
                words[column][_is_words(cell.text)] += 1
    return kept | {column for column, counts in words.items() if counts[False] > counts[True]}


def _is_words(text: str) -> bool:
    text = text.strip()
    return has_letters(text) and not text.startswith(("=", "\uff1d")) and not _CODE.fullmatch(text)


def _span(cell: _Cell, delimiter: str) -> Span:
    """The words of a cell, without the space around them."""
    return Span(
        cell.start, cell.end, cell.text.strip(), partial(_restored, cell=cell.text, delimiter=delimiter)
    )


def _restored(translation: str, *, cell: str, delimiter: str) -> str:
    """The translation as a cell: shown by a spreadsheet, never run."""
    before, after = cell[: len(cell) - len(cell.lstrip())], cell[len(cell.rstrip()) :]
    text = f"{before}{translation.strip()}{after}"
    if not cell.lstrip().startswith(FORMULA_STARTS):
        text = neutralised(text)
    if any(mark in text for mark in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text
