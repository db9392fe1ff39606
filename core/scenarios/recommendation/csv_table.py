"""A large CSV file, read block by block and never held twice; what is wrong in it is found by line and column."""

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from core.errors import N_, InvalidInputError
from core.limits import MAX_ID_CHARS
from core.scenarios.recommendation.csv_cells import BadCell
from core.scenarios.recommendation.csv_columns import find_columns, split_header
from core.scenarios.recommendation.csv_places import MAX_CELL_KB, Place, place_of
from core.types import Progress

BLOCK_BYTES = 4 * 2**20
VALUE_CHARS = 40
# Some thousands of columns; a first line that is longer names none.
MAX_HEADER_BYTES = 64 * 1024
_INK = re.compile(rb"\S")
_END_OF_LINE = re.compile(rb"\r|\n|\Z")


@dataclass(frozen=True, eq=False)
class CsvTable:
    """UTF-8 text below a header that is understood; `columns` says where each known kind of column is."""

    file: str
    body: memoryview
    header: tuple[str, ...]
    columns: Mapping[str, int]
    delimiter: str
    first_line: int

    def read(
        self,
        converters: Mapping[str, Callable[[pa.StringArray], Any]],
        take: Callable[[dict[str, Any]], None],
    ) -> Generator[Progress, None, None]:
        """Hand every block's columns of these kinds, converted, to `take`; yields Progress in bytes.

        Converters raise BadCell; that, and rows of another length than the header's, are refused with their line.
        """
        rows, done, kind = 0, 0, ""
        try:
            for block in self._open(list(converters)):
                converted = {}
                for kind, convert in converters.items():
                    converted[kind] = convert(block.column(str(self.columns[kind])))
                take(converted)
                rows, done = rows + block.num_rows, min(len(self.body), done + BLOCK_BYTES)
                yield Progress(done, len(self.body), "bytes")
        except BadCell as bad:
            place = yield from place_of(self.body, self.delimiter, row=rows + bad.place)
            raise self._bad_cell(bad, place, self.columns[kind]) from bad
        except pa.ArrowInvalid as error:
            place = yield from place_of(self.body, self.delimiter, width=len(self.header))
            raise self._bad_row(place) from error

    def _open(self, kinds: list[str]) -> arrow_csv.CSVStreamingReader:
        wanted = [str(self.columns[kind]) for kind in kinds]
        return arrow_csv.open_csv(
            pa.BufferReader(pa.py_buffer(self.body)),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                column_names=[str(column) for column in range(len(self.header))],
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(dict.fromkeys(wanted)),
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _bad_cell(self, bad: BadCell, place: Place, column: int) -> InvalidInputError:
        if not place.cells:
            return self._bad_row(place)
        cell = place.cells[column].strip() if column < len(place.cells) else ""
        shown = cell if len(cell) <= VALUE_CHARS else f"{cell[:VALUE_CHARS]}…"
        line, name = self.first_line + place.line - 1, self.header[column].strip()
        return InvalidInputError(
            bad.msgid, file=self.file, line=line, column=name, value=shown, limit=MAX_ID_CHARS
        )

    def _bad_row(self, place: Place | None) -> InvalidInputError:
        if place is None:
            message = N_("{file} cannot be read as a table. Save it as CSV in UTF-8 and upload that.")
            return InvalidInputError(message, file=self.file)
        line, found, expected = self.first_line + place.line - 1, len(place.cells), len(self.header)
        if place.is_long:
            message = N_(
                "{file}, line {line}: the row that begins here has a cell of more than {limit} KB. Shorten it."
            )
            return InvalidInputError(message, file=self.file, line=line, limit=MAX_CELL_KB)
        if place.is_open or any("\n" in cell for cell in place.cells):
            message = N_(
                "{file}, line {line}: the row that begins here cannot be read: a quotation mark is never closed. "
                "Double the quotation marks inside a cell."
            )
            return InvalidInputError(message, file=self.file, line=line)
        if found > expected:
            message = N_(
                "{file}, line {line}: the header has {expected} columns and this row {found}, so there is none for "
                "cell {column}. Put quotation marks around a cell that contains the separator."
            )
        else:
            message = N_(
                "{file}, line {line}: the header has {expected} columns and this row {found}, so column {column} is "
                "missing. Put a separator for every cell, also for empty ones."
            )
        column = min(found, expected) + 1
        return InvalidInputError(
            message, file=self.file, line=line, found=found, expected=expected, column=column
        )


def open_table(content: bytes, kinds: Mapping[str, tuple[str, ...]], *, file: str) -> CsvTable:
    """A table out of UTF-8 text. Raises InvalidInputError where it is empty or a column that is needed isn't there."""
    begins = _INK.search(content)
    if begins is None:
        raise InvalidInputError(N_("{file} is empty. Upload a table with a header line."), file=file)
    end = _END_OF_LINE.search(content, begins.start()).start()
    if end - begins.start() > MAX_HEADER_BYTES:
        message = N_("The first line of {file} has more than {limit} KB. Begin with a line of column names.")
        raise InvalidInputError(message, file=file, limit=MAX_HEADER_BYTES // 1024)
    delimiter, header = split_header(content[begins.start() : end].decode("utf-8"))
    columns = find_columns(header, kinds, file=file)
    if _INK.search(content, end) is None:
        message = N_("{file} has a header but no rows. Add at least one row.")
        raise InvalidInputError(message, file=file)
    # The body begins with the end of the header's line, which counts as its first line.
    line = content.count(b"\n", 0, end) + 1
    return CsvTable(file, memoryview(content)[end:], tuple(header), columns, delimiter, line)
