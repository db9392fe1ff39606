"""A visitor's own shop out of CSV files: who took what, and what the items are."""

from collections.abc import Generator

import numpy as np
import pyarrow as pa

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import (
    MAX_CATALOGUE_BYTES,
    MAX_CATALOGUE_ITEMS,
    MAX_INTERACTIONS,
    MAX_INTERACTIONS_BYTES,
    MAX_NAME_CHARS,
)
from core.scenarios.recommendation import csv_cells
from core.scenarios.recommendation.background import in_background
from core.scenarios.recommendation.codes import Codes
from core.scenarios.recommendation.csv_columns import INTERACTIONS
from core.scenarios.recommendation.csv_table import open_table
from core.scenarios.recommendation.csv_text import as_utf8
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.interactions import interactions_from
from core.scenarios.recommendation.item_texts import ItemTexts, read_items
from core.scenarios.recommendation.items import Items, unnamed
from core.types import Progress

# What the files are called in sentences, whatever the visitor called them.
FILE = "interactions.csv"


def read_dataset(
    interactions: bytes, items: bytes | None = None, *, name: str, min_rating: float | None = None
) -> Generator[Progress, None, Dataset]:
    """Read both files, yielding Progress in bytes at least every 0.2 s.

    Interactions: user, item[, rating, time], each row one event; those rated below `min_rating` don't count. Items:
    item[, title, description, category]; others keep their id for a title. Columns are found by their usual names,
    separated by commas, semicolons or tabs. Raises InvalidInputError with the line and the column of what is wrong.
    """
    _check_bytes(len(interactions), MAX_INTERACTIONS_BYTES, FILE)
    _check_bytes(len(items or b""), MAX_CATALOGUE_BYTES, "items.csv")
    texts = (yield from read_items(items)) if items else None
    events = yield from _read_events(interactions, min_rating)
    ending = Progress(len(interactions), len(interactions), "bytes")
    return (yield from in_background(lambda: events.dataset(name[:MAX_NAME_CHARS], texts), ending))


class _Events:
    """Who took what and when, as read so far; only rows that are rated well enough, where that is asked for."""

    def __init__(self, min_rating: float | None, has_times: bool) -> None:
        self._users, self._items = Codes(), Codes()
        self._times: list[np.ndarray] | None = [] if has_times else None
        self._min_rating = min_rating
        self.count = 0

    def take(self, block: dict[str, pa.StringArray | np.ndarray]) -> None:
        users, items, times = block["user"], block["item"], block.get("time")
        if self._min_rating is not None:
            # An empty cell is NaN, which is not enough.
            kept = block["rating"] >= self._min_rating
            users, items = users.filter(pa.array(kept)), items.filter(pa.array(kept))
            times = None if times is None else times[kept]
        self._users.add(users)
        self._items.add(items)
        if self._times is not None:
            self._times.append(times)
        self.count += len(users)
        if self.count > MAX_INTERACTIONS:
            message = N_("{file} has more than {limit} interactions. Upload a part of them.")
            raise InputTooLargeError(message, file=FILE, limit=MAX_INTERACTIONS)

    def dataset(self, name: str, texts: ItemTexts | None) -> Dataset:
        users, rows = self._users.numbered()
        items, columns = self._items.numbered(also=texts.ids if texts else None)
        if len(items) > MAX_CATALOGUE_ITEMS:
            message = N_("The files name {count} different items; {limit} is the most there may be.")
            raise InputTooLargeError(message, count=len(items), limit=MAX_CATALOGUE_ITEMS)
        times = None if self._times is None else np.concatenate(self._times)
        found = interactions_from(tuple(users.to_pylist()), tuple(items.to_pylist()), rows, columns, times)
        return Dataset(name, found, _shown(found.items, items, texts))


def _read_events(content: bytes, min_rating: float | None) -> Generator[Progress, None, _Events]:
    table = open_table((yield from as_utf8(content)), INTERACTIONS, file=FILE)
    if min_rating is not None and "rating" not in table.columns:
        message = N_("{file} has no column of ratings. Add one, or count every row as taken.")
        raise InvalidInputError(message, file=FILE)
    converters = {
        "user": csv_cells.ids,
        "item": csv_cells.ids,
        "rating": csv_cells.numbers,
        "time": csv_cells.times,
    }
    events = _Events(min_rating, "time" in table.columns)
    yield from table.read({kind: converters[kind] for kind in table.columns}, events.take)
    if not events.count:
        message = N_("No row of {file} has a rating of {rating} or more. Ask for less.")
        raise InvalidInputError(message, file=FILE, rating=min_rating)
    return events


def _shown(ids: tuple[str, ...], different: pa.StringArray, texts: ItemTexts | None) -> Items:
    return texts.items(different) if texts else unnamed(ids)


def _check_bytes(size: int, limit: int, file: str) -> None:
    if size > limit:
        message = N_("{file} has {size} MB; {limit} MB is the most there may be. Upload a part of it.")
        raise InputTooLargeError(message, file=file, size=-(-size // 2**20), limit=limit // 2**20)
