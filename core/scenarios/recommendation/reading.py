"""A visitor's own shop out of CSV files: who took what, and what the items are."""

import csv
import io
from collections.abc import Generator
from datetime import datetime

from core.encodings import decode
from core.errors import N_, InvalidInputError
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.interactions import interactions_of
from core.scenarios.recommendation.items import Items
from core.types import Progress

USER = ("user", "user_id", "userid", "customer", "customer_id", "customerid", "visitor", "session")
ITEM = (
    "item",
    "item_id",
    "itemid",
    "movieid",
    "product",
    "product_id",
    "productid",
    "sku",
    "stockcode",
    "id",
)
RATING = ("rating", "score", "stars")
TIME = ("timestamp", "time", "date", "datetime", "invoicedate")
TITLE = ("title", "name")
DESCRIPTION = ("description", "text", "summary")
CATEGORY = ("category", "genre", "genres", "type")


def read_dataset(
    interactions: bytes, items: bytes | None = None, *, name: str, min_rating: float | None = None
) -> Generator[Progress, None, Dataset]:
    """Read both files, yielding Progress in bytes. Raises InvalidInputError with the line and the column."""
    yield Progress(0, len(interactions), "bytes")
    rows = list(csv.DictReader(io.StringIO(decode(interactions), newline="")))
    if not rows:
        raise InvalidInputError(N_("The file has no interactions. Give a header line and at least one row."))
    user, item, rating, time = (_column(rows[0], names) for names in (USER, ITEM, RATING, TIME))
    if user is None or item is None:
        message = N_("The columns found are: {found}. Needed are user and item; name them in the first line.")
        raise InvalidInputError(message, found=", ".join(rows[0])[:200])
    if rating and min_rating is not None:
        rows = [row for row in rows if float(row[rating]) >= min_rating]
    described = (
        {row[_column(row, ITEM)]: row for row in csv.DictReader(io.StringIO(decode(items)))} if items else {}
    )
    times = [_seconds(row[time]) for row in rows] if time else None
    found = interactions_of(
        [row[user] for row in rows], [row[item] for row in rows], times, catalogue=list(described)
    )
    texts = {
        key: tuple(_text(described.get(item_id, {}), names) for item_id in found.items)
        for key, names in (("titles", TITLE), ("descriptions", DESCRIPTION), ("categories", CATEGORY))
    }
    titles = tuple(title or item_id for title, item_id in zip(texts.pop("titles"), found.items, strict=True))
    return Dataset(name, found, Items(found.items, titles, **texts))


def _column(row: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((column for column in row if column.strip().lower() in names), None)


def _text(row: dict[str, str], names: tuple[str, ...]) -> str:
    column = _column(row, names)
    return row[column] if column else ""


def _seconds(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return datetime.fromisoformat(cell).timestamp()
