"""In which line of a CSV file a row is; slow, for files that are refused."""

import csv
import io
import itertools
from collections.abc import Generator
from dataclasses import dataclass

from core.types import Progress

# Rows, blank lines among them, between two looks at whether somebody still waits.
ROWS_PER_STEP = 20_000
# Longer cells are not read.
MAX_CELL_KB = csv.field_size_limit() // 1024


@dataclass(frozen=True)
class Place:
    """A row that was found: the line where it begins, from 1, and its cells.

    Without cells where one is so long that it was not read to its end: `is_open` where it went on over several lines,
    since then a quotation mark is never closed; `is_long` where it did not.
    """

    line: int
    cells: list[str]
    is_open: bool = False
    is_long: bool = False


def place_of(
    content: memoryview, delimiter: str, *, row: int | None = None, width: int | None = None
) -> Generator[Progress, None, Place | None]:
    """The row of this number, from 0, or the first that has not `width` cells; blank lines don't count as rows."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    number = -1
    for read in itertools.count(1):
        if read % ROWS_PER_STEP == 0:
            yield Progress(read, 0, "rows")
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return None
        except csv.Error:
            goes_on = reader.line_num > line
            return Place(line, [], is_open=goes_on, is_long=not goes_on)
        if not cells:
            continue
        number += 1
        if number == row or (width is not None and len(cells) != width):
            return Place(line, cells)
    return None
