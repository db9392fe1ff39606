"""The store's one way to the database: connections, transactions, and failures as sentences."""

import hashlib
import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, StaticPool, create_engine, event, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from core.database_failures import as_store_error, bad_url, busy
from core.database_tables import INSERT, MEMORY, SAME_QUESTION, SAME_SENTENCE, TABLES, UNANSWERED, open_schema
from core.redaction import redact

# How long to wait for another process that writes, for a connection, for a server: as long as a visitor would.
TIMEOUT_S = 5
# Columns for finding equal texts; nobody reads them.
_KEYS = ("question_key", "text_key")
# Page threads and API threads together; each holds a connection for some milliseconds.
MAX_CONNECTIONS = 20


class Database:
    """The tables behind a URL, by name; every method is one transaction and raises StoreError only."""

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self._backend = parsed.get_backend_name()
        self._is_in_memory = self._backend == "sqlite" and parsed.database in (None, "", ":memory:")
        # SQLite has one writer at a time and gives waiting ones no order: threads queue here, processes there.
        self._one_at_a_time = threading.Lock()
        self.engine = _engine(parsed, is_in_memory=self._is_in_memory)
        with self._transaction(writes=True) as connection:
            open_schema(connection)

    def close(self) -> None:
        self.engine.dispose()

    def insert(self, name: str, values: Mapping[str, Any]) -> int:
        with self._transaction(writes=True) as connection:
            result = connection.execute(TABLES[name].insert().values(created=datetime.now(UTC), **values))
            return result.inserted_primary_key[0]

    def insert_all(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows in their order; an id is given to each."""
        created = datetime.now(UTC)
        with self._transaction(writes=True) as connection:
            for row in rows:
                connection.execute(TABLES[name].insert().values(created=created, **row))

    def add_unanswered(self, values: Mapping[str, Any]) -> int:
        """Insert the question, or count it once more, in one statement: two threads may ask at once."""
        new = {"created": datetime.now(UTC), "times_asked": 1, "status": "open"}
        key = _question_key(values["question"])
        statement = INSERT[self._backend](UNANSWERED).values(**values, **new, question_key=key)
        again = {"times_asked": UNANSWERED.c.times_asked + 1, "status": "open"}
        statement = statement.on_conflict_do_update(index_elements=SAME_QUESTION, set_=again)
        with self._transaction(writes=True) as connection:
            return connection.execute(statement.returning(UNANSWERED.c.id)).scalar_one()

    def remember(self, values: Mapping[str, Any]) -> int:
        """Insert the translation, or put it in the place of its owner's earlier one of the same sentence."""
        new = {"created": datetime.now(UTC), "translation": values["translation"]}
        statement = INSERT[self._backend](MEMORY).values(
            **{**values, **new}, text_key=sentence_key(values["text"])
        )
        statement = statement.on_conflict_do_update(index_elements=SAME_SENTENCE, set_=new)
        with self._transaction(writes=True) as connection:
            return connection.execute(statement.returning(MEMORY.c.id)).scalar_one()

    def recall(self, keys: Sequence[str], where: Mapping[str, Any]) -> dict[str, str]:
        """The translations of these sentence keys, by key."""
        statement = _filtered(select(MEMORY.c.text_key, MEMORY.c.translation), "memory", where)
        found: dict[str, str] = {}
        with self._transaction() as connection:
            # Some databases take no more than 999 parameters in a statement.
            for start in range(0, len(keys), 500):
                chosen = MEMORY.c.text_key.in_(keys[start : start + 500])
                found |= dict(connection.execute(statement.where(chosen)).all())
        return found

    def delete(self, name: str, where: Mapping[str, Any]) -> int:
        """Remove the rows that meet every condition; returns how many those were."""
        columns = TABLES[name].columns
        statement = TABLES[name].delete().where(*(columns[key] == value for key, value in where.items()))
        with self._transaction(writes=True) as connection:
            return connection.execute(statement).rowcount

    def update(self, name: str, row_id: int, values: Mapping[str, Any]) -> None:
        table = TABLES[name]
        with self._transaction(writes=True) as connection:
            connection.execute(table.update().where(table.c.id == row_id).values(**values))

    def rows(self, name: str, where: Mapping[str, Any], *, limit: int, offset: int) -> list[dict[str, Any]]:
        """The newest first; a condition that is None is none."""
        table = TABLES[name]
        columns = [column for column in table.columns if column.name not in _KEYS]
        statement = _filtered(select(*columns), name, where).order_by(table.c.id.desc())
        with self._transaction() as connection:
            found = connection.execute(statement.limit(limit).offset(offset))
            return [dict(row) for row in found.mappings()]

    def count(self, name: str, where: Mapping[str, Any]) -> int:
        with self._transaction() as connection:
            return connection.execute(
                _filtered(select(func.count()).select_from(TABLES[name]), name, where)
            ).scalar_one()

    def delete_before(self, moment: datetime) -> int:
        with self._transaction(writes=True) as connection:
            deleted = [
                connection.execute(table.delete().where(table.c.created < moment))
                for table in TABLES.values()
            ]
        if self._backend == "sqlite":
            self._empty_log()
        return sum(result.rowcount for result in deleted)

    def _empty_log(self) -> None:
        """Deleted rows still stand in the write-ahead log until it starts anew."""
        with self._transaction(writes=True) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        # In memory all threads share one connection, so reading queues as well.
        alone = (writes and self._backend == "sqlite") or self._is_in_memory
        try:
            with self._turn() if alone else nullcontext(), self.engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise as_store_error(error) from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._one_at_a_time.acquire(timeout=TIMEOUT_S):
            raise busy()
        try:
            yield
        finally:
            self._one_at_a_time.release()


def _filtered(statement: Select, name: str, where: Mapping[str, Any]) -> Select:
    columns = TABLES[name].columns
    return statement.where(*(columns[key] == value for key, value in where.items() if value is not None))


def _question_key(question: str) -> str:
    """The same for the same words in any case and spacing; of the redacted words, or it could be guessed back."""
    return _digest(" ".join(redact(question).casefold().split()))


def sentence_key(text: str) -> str:
    """The same for the same sentence, however its blanks and its accents are written."""
    return _digest(" ".join(unicodedata.normalize("NFC", text).split()))


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise bad_url() from error
    if parsed.get_backend_name() not in INSERT:
        raise bad_url()
    return parsed


def _engine(url: URL, *, is_in_memory: bool) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url, is_in_memory=is_in_memory)
        arguments = {"connect_timeout": TIMEOUT_S} if "psycopg" in url.get_dialect().driver else {}
        limits = {"pool_size": MAX_CONNECTIONS, "pool_timeout": TIMEOUT_S}
        # The server may have closed an idle connection: ask before using one.
        return create_engine(url, connect_args=arguments, pool_pre_ping=True, **limits)
    except (SQLAlchemyError, ImportError, TypeError) as error:
        raise bad_url() from error
    except OSError as error:
        raise as_store_error(error) from error


def _sqlite_engine(url: URL, *, is_in_memory: bool) -> Engine:
    arguments = {"timeout": TIMEOUT_S, "check_same_thread": False}
    if is_in_memory:
        return create_engine(url, connect_args=arguments, poolclass=StaticPool)
    if not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args=arguments, pool_size=MAX_CONNECTIONS, pool_timeout=TIMEOUT_S)
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """Readers beside the writer (WAL), every commit on disk before it returns, deleted text overwritten."""
    _use_write_ahead_log(connection)
    for pragma in ("synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Where two processes switch a new file at once, SQLite calls it locked without waiting, so we wait.
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
