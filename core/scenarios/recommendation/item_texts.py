"""What a file says of items: titles, descriptions and categories, as plain text of a bounded length."""

from collections.abc import Generator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from core.limits import MAX_ITEM_DESCRIPTION_CHARS, MAX_ITEM_TITLE_CHARS
from core.scenarios.recommendation import csv_cells
from core.scenarios.recommendation.csv_columns import ITEMS
from core.scenarios.recommendation.csv_table import open_table
from core.scenarios.recommendation.csv_text import as_utf8
from core.scenarios.recommendation.items import Items
from core.types import Progress

FILE = "items.csv"
LENGTHS = {
    "title": MAX_ITEM_TITLE_CHARS,
    "description": MAX_ITEM_DESCRIPTION_CHARS,
    "category": MAX_ITEM_TITLE_CHARS,
}
# A quote that keeps a spreadsheet from running a cell, as ours and others' exports put it, is no part of the text.
_NEUTRALISED = r"^'([=+\-@])"
# Also what is not seen, and what turns the words around a title to run from right to left; not the marks that Persian
# and Hebrew need.
_CONTROLS = r"[\x00-\x1f\x7f-\x{9f}\x{200b}\x{2028}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]+"


@dataclass(frozen=True, eq=False)
class ItemTexts:
    """`ids` as they come, and each kind of text in that order; of an id that comes again the first row counts."""

    ids: pa.StringArray
    texts: dict[str, pa.StringArray]

    def items(self, wanted: pa.StringArray) -> Items:
        """The items of these ids, in their order; a title that is missing is the id."""
        places = pc.index_in(wanted, value_set=self.ids)
        found = {kind: pc.fill_null(texts.take(places), "") for kind, texts in self.texts.items()}
        nothing = pa.array([""] * len(wanted), pa.string())
        titles = found.get("title", nothing)
        return Items(
            tuple(wanted.to_pylist()),
            tuple(pc.if_else(pc.equal(titles, ""), wanted, titles).to_pylist()),
            tuple(found.get("description", nothing).to_pylist()),
            tuple(found.get("category", nothing).to_pylist()),
        )


def read_items(content: bytes) -> Generator[Progress, None, ItemTexts]:
    """Read a catalogue, yielding Progress in bytes. Raises InvalidInputError with the line and the column."""
    table = open_table((yield from as_utf8(content)), ITEMS, file=FILE)
    blocks: dict[str, list[pa.StringArray]] = {kind: [] for kind in table.columns}

    def take(block: dict[str, pa.StringArray]) -> None:
        for kind, cells in block.items():
            blocks[kind].append(cells if kind == "item" else _plain(cells, LENGTHS[kind]))

    converters = {kind: csv_cells.ids if kind == "item" else lambda cells: cells for kind in table.columns}
    yield from table.read(converters, take)
    texts = {kind: pa.concat_arrays(chunks) for kind, chunks in blocks.items()}
    return ItemTexts(texts.pop("item"), texts)


def _plain(cells: pa.StringArray, most: int) -> pa.StringArray:
    text = pc.replace_substring_regex(cells, pattern=_CONTROLS, replacement=" ")
    text = pc.replace_substring_regex(pc.utf8_trim_whitespace(text), pattern=_NEUTRALISED, replacement=r"\1")
    return pc.utf8_slice_codeunits(text, 0, most)
