"""The tables of the store, and the column types that keep personal data out of them."""

import json
import re
from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.errors import N_
from core.redaction import redact
from core.store import StoreError

# Raise it with every change of a table, and say in open_schema how an older database becomes a newer one.
SCHEMA_VERSION = 3

# The two databases that can insert or else update in one statement in the same words.
INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

# Neither database takes lone surrogates, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Redacted(TypeDecorator[str]):
    """Free text without personal data: no statement can write it, or search for it, in any other way."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else redact(_UNSTORABLE.sub("\ufffd", value))


class RedactedJson(Redacted):
    """A JSON text whose keys, strings and numbers are redacted one by one.

    As a whole it would hide some: in "\\\\n13812345678" a letter stands before the number.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        try:
            redacted = json.dumps(_redacted(json.loads(value or "")), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            redacted = value
        # Once more as text: cheap, and right where the text was no JSON at all.
        return super().process_bind_param(redacted, dialect)


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone; SQLite keeps no zone, so it is UTC there and back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def _redacted(value: object) -> object:
    if isinstance(value, dict):
        return {redact(key): _redacted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    if isinstance(value, bool | None):
        return value
    text = str(value)
    return value if (redacted := redact(text)) == text else redacted


_METADATA = MetaData()


def _table(name: str, *columns: Column) -> Table:
    """A table with an id that is never given twice, and the time a row was made."""
    created = Column("created", UtcDateTime, nullable=False, index=True)
    return Table(
        name, _METADATA, Column("id", Integer, primary_key=True), created, *columns, sqlite_autoincrement=True
    )


def _text(name: str) -> Column[str]:
    return Column(name, Redacted, nullable=False)


def _id(name: str) -> Column[str]:
    """An id that Vitrine made: random letters and digits might look like a number, so it is not redacted."""
    return Column(name, Text, nullable=False)


FEEDBACK = _table(
    "feedback",
    *(_text("demo"), _id("kind"), Column("rating", Integer), _text("reason"), _text("correction")),
    *(_text("question"), _text("answer"), _text("model_id"), _text("language"), _id("session_hash")),
)
HANDOVERS = _table(
    "handovers", _text("demo"), Column("packet", RedactedJson, nullable=False), _text("language")
)
UNANSWERED = _table(
    "unanswered",
    *(_id("owner"), _id("knowledge_base"), _text("question"), _text("language")),
    *(Column("times_asked", Integer, nullable=False), _id("status"), _id("question_key")),
)
AUDIT = _table("audit", _text("event"), _text("detail"))
MEMORY = _table(
    "memory",
    *(_id("owner"), _id("source"), _id("target"), _text("text"), _text("translation"), _id("text_key")),
)
# No name, no pixel, no free text: every column is an id, a number or a word that Vitrine made.
TRIAGE = _table(
    "triage",
    *(_id("request_id"), _id("study_id"), _id("front"), _id("model_id"), _id("revision")),
    *(_id("operating_point"), Column("threshold", Float), Column("score", Float)),
    *(_id("band"), _id("priority"), _id("refusal")),
)
TABLES = {table.name: table for table in (FEEDBACK, HANDOVERS, UNANSWERED, AUDIT, MEMORY, TRIAGE)}
# Not the question itself: PostgreSQL indexes at most some 2,700 bytes.
SAME_QUESTION = (UNANSWERED.c.owner, UNANSWERED.c.knowledge_base, UNANSWERED.c.question_key)
Index("unanswered_same_question", *SAME_QUESTION, unique=True)
SAME_SENTENCE = (MEMORY.c.owner, MEMORY.c.source, MEMORY.c.target, MEMORY.c.text_key)
Index("memory_same_sentence", *SAME_SENTENCE, unique=True)

_LOCK_ID = 20_870_114  # any number that no other program on the server uses
_SCHEMA = Table("schema_version", _METADATA, Column("version", Integer, primary_key=True))


def open_schema(connection: Connection) -> None:
    """Make what is missing in an empty or older database. Raises StoreError for one of a later version."""
    if connection.dialect.name == "postgresql":
        # Two processes that make one table at once would collide in its catalogue, "if not exists" or not.
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_ID)))
    connection.execute(CreateTable(_SCHEMA, if_not_exists=True))
    version = connection.scalar(select(_SCHEMA.c.version))
    if version is None or version < SCHEMA_VERSION:
        # Versions 2 and 3 have a table more than the one before, and nothing else changed.
        _make_tables(connection)
    elif version > SCHEMA_VERSION:
        raise StoreError(
            N_("The database has version {found} but this program needs {needed}. Tell the operator."),
            found=version,
            needed=SCHEMA_VERSION,
        )


def _make_tables(connection: Connection) -> None:
    for table in TABLES.values():
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.execute(_SCHEMA.delete().where(_SCHEMA.c.version < SCHEMA_VERSION))
    # Another process may have come this far as well.
    insert = INSERT[connection.dialect.name](_SCHEMA).values(version=SCHEMA_VERSION)
    connection.execute(insert.on_conflict_do_nothing())
