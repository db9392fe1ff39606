"""In which line of a CSV file a row is; slow, for files that are refused."""

import csv
import io
from collections.abc import Generator
from dataclasses import dataclass

from core.types import Progress

# Rows between two looks at whether somebody still waits.
ROWS_PER_STEP = 20_000


@dataclass(frozen=True)
class Place:
    """A row that was found: the line where it begins, from 1, and its cells; `is_open` where it never ends."""

    line: int
    cells: list[str]
    is_open: bool = False


def place_of(
    content: memoryview, delimiter: str, *, row: int | None = None, width: int | None = None
) -> Generator[Progress, None, Place | None]:
    """The row of this number, from 0, or the first that has not `width` cells; blank lines don't count as rows."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    number = -1
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return None
        except csv.Error:  # A cell of more than 128 KB: its quotation mark is never closed.
            return Place(line, [], is_open=True)
        if not cells:
            continue
        number += 1
        if number == row or (width is not None and len(cells) != width):
            return Place(line, cells)
        if number % ROWS_PER_STEP == 0:
            yield Progress(number, 0, "rows")
