"""A table of briefs: CSV in, a brief a row, or what is wrong with that row."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from core.encodings import decode
from core.errors import N_, DemoError, InputTooLargeError, InvalidInputError
from core.limits import MAX_BATCH_BRIEFS
from core.scenarios.content.brief import CHANNELS, TONES, Brief
from core.scenarios.content.validation import checked
from core.spreadsheets import plain

# 200 briefs with everything that one may have take 1.3 MB in Chinese.
MAX_BYTES = 2 * 1024 * 1024
DELIMITERS = (",", ";", "\t")
COLUMNS = {
    "product": ("product", "topic", "产品", "主题"),
    "facts": ("facts", "事实", "卖点"),
    "audience": ("audience", "受众", "读者"),
    "channel": ("channel", "渠道"),
    "tone": ("tone", "语气"),
    "max_words": ("max_words", "words", "字数"),
    "language": ("language", "语言"),
    "must_say": ("must_say", "必须包含", "必须出现"),
    "must_not_say": ("must_not_say", "不得包含", "不得出现"),
}
LISTS = ("facts", "must_say", "must_not_say")
LIST_SEPARATORS = str.maketrans("；", ";")
_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_LANGUAGES = {"english": "en", "英文": "en", "英语": "en", "chinese": "zh", "中文": "zh", "汉语": "zh"}


@dataclass(frozen=True)
class BriefRow:
    """One row of the file: its brief, or the reason why there is none."""

    line: int
    product: str
    brief: Brief | None = None
    error: DemoError | None = None


def read_briefs(content: bytes) -> tuple[BriefRow, ...]:
    """The rows of a CSV with a header; lists in a cell are separated by ";", an empty cell means the usual.

    Raises InvalidInputError or InputTooLargeError when the file as a whole cannot be used.
    """
    if len(content) > MAX_BYTES:
        message = N_("Keep the file under {limit} MB.")
        raise InputTooLargeError(message, limit=MAX_BYTES // 2**20)
    records = _records(decode(content))
    _, header = next(records, (1, []))
    columns = _columns(header)
    rows = []
    for line, cells in records:
        if len(rows) == MAX_BATCH_BRIEFS:
            message = N_("The file has more than {limit} briefs. Split it into several files.")
            raise InputTooLargeError(message, limit=MAX_BATCH_BRIEFS)
        rows.append(_row(line, {name: plain(cells[at]) for name, at in columns.items() if at < len(cells)}))
    if not rows:
        raise InvalidInputError(N_("The file has a header but no rows. Add at least one brief."))
    return tuple(rows)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record that is not blank."""
    header = text.lstrip().split("\n", 1)[0]
    delimiter = max(
        DELIMITERS, key=lambda mark: sum(_name(cell) in _COLUMN_OF for cell in header.split(mark))
    )
    # strict: a quote that never ends would otherwise swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
            yield line, cells


def _columns(header: list[str]) -> dict[str, int]:
    known = {_COLUMN_OF[_name(cell)]: at for at, cell in enumerate(header) if _name(cell) in _COLUMN_OF}
    if "product" not in known:
        found = ", ".join(_name(cell)[:30] or "?" for cell in header[:8])
        message = N_("The columns found are: {found}. Needed is product; name the columns in the first line.")
        raise InvalidInputError(message, found=found)
    return known


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower().replace(" ", "_")


def _row(line: int, cells: dict[str, str]) -> BriefRow:
    product = cells.get("product", "")[:100]
    try:
        return BriefRow(line, product, checked(_brief(cells)))
    except DemoError as error:
        return BriefRow(line, product, error=error)


def _brief(cells: dict[str, str]) -> Brief:
    given = {name: value for name, value in cells.items() if value and name not in LISTS}
    if "channel" in given:
        given["channel"] = _key(given["channel"], CHANNELS)
    if "tone" in given:
        given["tone"] = _key(given["tone"], TONES)
    if "language" in given:
        given["language"] = _LANGUAGES.get(given["language"].lower(), given["language"].lower()[:2])
    lists = {name: tuple(cells.get(name, "").translate(LIST_SEPARATORS).split(";")) for name in LISTS}
    return Brief(**{"product": "", **given, **lists, "max_words": _whole(given.get("max_words"))})


def _key(cell: str, titles: dict[str, str]) -> str:
    """A channel or tone by its key or by its English title."""
    wanted = cell.lower()
    return next(
        (key for key, title in titles.items() if wanted in (key, title.lower(), key.replace("-", " "))), cell
    )


def _whole(cell: str | None) -> int:
    if cell is None:
        return Brief.max_words
    if not cell.isdecimal() or len(cell) > 6:
        raise InvalidInputError(N_("The field {field} has to be a number."), field="max_words")
    return int(cell)
