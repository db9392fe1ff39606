"""What visitors bring (knowledge bases, catalogues ...): theirs alone, bounded, and gone after a day."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import N_, NotFoundError, OverloadedError

LIFETIME_S = 24 * 3600
MAX_PER_OWNER = 20
MAX_ITEMS = 500
# Rows of all visitors together; a row of a knowledge base takes about 2 KB (vector, text, word counts).
MAX_ROWS = 1_000_000
ROW_BYTES = 2048
T = TypeVar("T")


@dataclass
class _Item:
    value: Any
    owner: str
    rows: int
    expires_s: float


def rows_of(size_bytes: int) -> int:
    """As how many rows something of this size counts."""
    return -(-size_bytes // ROW_BYTES)


class Belongings:
    """Values by unguessable id; asking for one keeps it alive for another LIFETIME_S."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._items: dict[str, _Item] = {}
        self._shared: dict[str, Any] = {}
        self._lock = threading.Lock()

    def keep(self, value: Any, *, owner: str, rows: int) -> str:
        """Keep a value and return its 128-bit id. Raises OverloadedError when a bound is reached."""
        with self._lock:
            self._forget_expired()
            self._check_count(owner)
            self._check_rows(rows)
            item_id = secrets.token_urlsafe(16)
            self._items[item_id] = _Item(value, owner, rows, self._clock() + LIFETIME_S)
        return item_id

    def get(self, item_id: str, kind: type[T]) -> T:
        """The value of this id. Raises NotFoundError when there is none of this kind (any more)."""
        with self._lock:
            return self._item(item_id, kind).value

    def replace(self, item_id: str, value: Any, *, rows: int) -> None:
        """Put a new version in the place of an old one. Raises NotFoundError when that has expired, OverloadedError."""
        with self._lock:
            item = self._item(item_id, type(value))
            self._check_rows(rows - item.rows)
            item.value, item.rows = value, rows

    def drop(self, item_id: str) -> None:
        with self._lock:
            self._items.pop(item_id, None)

    def shared(self, key: str, make: Callable[[], T]) -> T:
        """The one value of this key that everybody sees, made at the first call."""
        with self._lock:
            if key not in self._shared:
                self._shared[key] = make()
            return self._shared[key]

    def _item(self, item_id: str, kind: type) -> _Item:
        self._forget_expired()
        item = self._items.get(item_id)
        if item is None or not isinstance(item.value, kind):
            message = N_(
                "Nothing is kept under this id. What you bring is kept for {hours} hours; bring it again."
            )
            raise NotFoundError(message, hours=LIFETIME_S // 3600)
        item.expires_s = self._clock() + LIFETIME_S
        return item

    def _check_count(self, owner: str) -> None:
        own = sum(item.owner == owner for item in self._items.values())
        if own >= MAX_PER_OWNER:
            message = N_("You keep {count} items here already, the most there may be. Come back tomorrow.")
            raise OverloadedError(message, count=own)
        if len(self._items) >= MAX_ITEMS:
            message = N_(
                "This server keeps {count} items for its visitors, the most there may be. Try later."
            )
            raise OverloadedError(message, count=len(self._items))

    def _check_rows(self, rows: int) -> None:
        total = sum(item.rows for item in self._items.values())
        if total + rows > MAX_ROWS:
            message = N_(
                "This server keeps {total} rows for its visitors; {rows} more do not fit. Try later."
            )
            raise OverloadedError(message, total=total, rows=rows)

    def _forget_expired(self) -> None:
        now_s = self._clock()
        self._items = {item_id: item for item_id, item in self._items.items() if item.expires_s > now_s}
