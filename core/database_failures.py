"""What goes wrong with a database, as sentences for the visitor; the cause stays chained for the log."""

import sqlite3

from core.errors import N_
from core.store import StoreError

_BUSY = N_("The database is busy. Try again in a moment.")
_READ_ONLY = N_("The database is read-only, so nothing can be stored. Tell the operator.")
_FULL = N_("The disk of the database is full, so nothing can be stored. Tell the operator.")
_DAMAGED = N_("The file of the database is damaged, or is no database. Tell the operator.")
_AWAY = N_("The database cannot be reached. Try again later, or tell the operator.")

# Primary result codes of SQLite, and SQLSTATEs of PostgreSQL.
_SENTENCES: dict[int | str, str] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    "55P03": _BUSY,
    "25006": _READ_ONLY,
    "53100": _FULL,
}


def as_store_error(error: Exception) -> StoreError:
    """The sentence for a failure of SQLAlchemy, of the driver below it, or of the file system."""
    cause = getattr(error, "orig", None) or error
    # The extended code keeps the primary one in its lowest byte.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF or getattr(cause, "sqlstate", None)
    return StoreError(_SENTENCES.get(code, _AWAY))


def busy() -> StoreError:
    return StoreError(_BUSY)


def bad_url() -> StoreError:
    return StoreError(
        N_("VITRINE_DATABASE_URL names no database that can be used here. Give a SQLite or PostgreSQL URL.")
    )
