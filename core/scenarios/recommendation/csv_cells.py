"""What the cells of a column are worth: ids, numbers and times; each refusal names the first cell that is none."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import N_
from core.limits import MAX_ID_CHARS


class BadCell(Exception):
    """The cell at this place of a column cannot be used; `msgid` says why, for {file}, {line}, {column}, {value}."""

    def __init__(self, place: int, msgid: str) -> None:
        super().__init__(place, msgid)
        self.place = place
        self.msgid = msgid


def ids(cells: pa.StringArray) -> pa.StringArray:
    """The ids without space around them. Raises BadCell for one that is empty or too long."""
    trimmed = pc.utf8_trim_whitespace(cells)
    _refuse_any(
        pc.match_substring_regex(trimmed, r"[\r\n]").to_numpy(zero_copy_only=False),
        N_(
            '{file}, line {line}, column "{column}": the id goes on in the next line. Close the quotation mark '
            "before it."
        ),
    )
    lengths = pc.utf8_length(trimmed).to_numpy(zero_copy_only=False)
    _refuse_any(
        lengths == 0,
        N_('{file}, line {line}, column "{column}": the cell is empty. Every row needs a user and an item.'),
    )
    _refuse_any(
        lengths > MAX_ID_CHARS,
        N_(
            '{file}, line {line}, column "{column}": the id "{value}" is too long. Keep ids to {limit} characters.'
        ),
    )
    return trimmed


def numbers(cells: pa.StringArray) -> np.ndarray:
    """float64, NaN for an empty cell. Raises BadCell for what is no finite number."""
    trimmed = pc.utf8_trim_whitespace(cells)
    is_empty = pc.equal(trimmed, "")
    filled = pc.if_else(is_empty, "0", trimmed)
    found = _floats(filled)
    if found is None:
        found = np.array([_number(cell) for cell in filled.to_pylist()])
    _refuse_any(
        ~np.isfinite(found),
        N_('{file}, line {line}, column "{column}": "{value}" is no number. Write one such as 4.5.'),
    )
    return np.where(is_empty.to_numpy(zero_copy_only=False), np.nan, found)


def times(cells: pa.StringArray) -> np.ndarray:
    """Seconds since 1970, float64. Raises BadCell for what is neither a number nor a date."""
    trimmed = pc.utf8_trim_whitespace(cells)
    found = _floats(trimmed)
    if found is None:
        found = _dates(trimmed)
    if found is None:
        found = np.array([_time(cell) for cell in trimmed.to_pylist()])
    _refuse_any(
        ~np.isfinite(found),
        N_(
            '{file}, line {line}, column "{column}": "{value}" is no time. Write seconds since 1970, or a date '
            "such as 2024-05-31 or 2024-05-31 14:05."
        ),
    )
    return found


def _refuse_any(are_bad: np.ndarray, msgid: str) -> None:
    if are_bad.any():
        raise BadCell(int(are_bad.argmax()), msgid)


def _floats(cells: pa.StringArray) -> np.ndarray | None:
    """None where a cell is no number."""
    try:
        return pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def _dates(cells: pa.StringArray) -> np.ndarray | None:
    """Dates that are all written the same way, with a time zone or without (then UTC)."""
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return pc.cast(pc.cast(cells, kind), pa.int64()).to_numpy() / 1e6
        except pa.ArrowInvalid:
            continue
    return None


def _number(cell: str) -> float:
    """NaN where there is none, as a mark."""
    try:
        return float(cell)
    except ValueError:
        return np.nan


def _time(cell: str) -> float:
    """NaN where there is none, as a mark."""
    if np.isfinite(number := _number(cell)):
        return number
    try:
        when = datetime.fromisoformat(cell)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return np.nan
