"""Pictures a few at a time, as they come."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

# Enough to keep the model busy, few enough that the first results come soon and a stop is heard.
CHUNK = 8
T = TypeVar("T")


def chunks(arriving: Iterable[T | None]) -> Iterator[tuple[T, ...]]:
    """CHUNK at a time, and () after each that does not fill one, so that whoever waits hears of it.

    None is nothing yet: others are being served.
    """
    chunk: list[T] = []
    for each in arriving:
        if each is not None:
            chunk.append(each)
        is_full = len(chunk) == CHUNK
        yield tuple(chunk) if is_full else ()
        if is_full:
            chunk.clear()
    if chunk:
        yield tuple(chunk)
