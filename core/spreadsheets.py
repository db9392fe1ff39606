"""CSV files: read strictly, by their columns; and cells shown, never run, by spreadsheets (OWASP, "CSV Injection")."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from core.encodings import decode
from core.errors import N_, InputTooLargeError, InvalidInputError

# A spreadsheet runs a cell that begins so, in half or full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Row(NamedTuple):
    """The cells of one row, and the line of the file where it ends."""

    line: int
    cells: tuple[str, ...]


def read_columns(content: bytes, columns: Sequence[str], *, max_mb: int, missing: str) -> list[Row]:
    """The cells of these columns, wherever they stand, "" where a row has none; blank lines are no rows.

    Raises InvalidInputError, with the sentence `missing` where a column is not named in the first line, and
    InputTooLargeError.
    """
    if len(content) > max_mb * 2**20:
        raise InputTooLargeError(N_("Keep the file under {limit} MB."), limit=max_mb)
    reader = csv.DictReader(io.StringIO(decode(content), newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InvalidInputError(
            N_("Line {line} of the file cannot be read as CSV. Double the quotation marks inside a cell."),
            # Its own count does not have the line that broke.
            line=reader.reader.line_num,
        ) from error
    if not set(columns) <= set(reader.fieldnames or ()):
        raise InvalidInputError(missing)
    return [Row(line, tuple(row[column] or "" for column in columns)) for line, row in rows]


def neutralised(cell: str) -> str:
    """The cell with a quote before it where a spreadsheet would run it as a formula."""
    is_formula = cell.lstrip().startswith(FORMULA_STARTS) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell


def plain(cell: str) -> str:
    """The cell as it was before `neutralised`, without space around it."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell
