"""What a session corrected comes back for the same sentence, for nobody else, and never with personal data."""

import sqlite3
from contextlib import closing

import pytest

from core import database_tables
from core.errors import InputTooLargeError, InvalidInputError, OverloadedError
from core.scenarios.translation import memory as memories
from core.scenarios.translation.memory import TranslationMemory
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.store import Feedback, Store
from tests.fakes import fake_showcase

EN_ZH = {"source": "en", "target": "zh"}


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/vitrine.db"


@pytest.fixture
def store(url):
    with closing(Store(url)) as opened:
        yield opened


@pytest.fixture
def memory(store):
    return TranslationMemory(store, "session-1")


def test_a_correction_is_recalled_for_its_sentence_and_direction(memory):
    memory.remember("The tower  is tall.", "这座塔很高。", **EN_ZH)

    assert memory.recall(["The tower is tall.", "Other."], **EN_ZH) == {"The tower is tall.": "这座塔很高。"}
    assert memory.recall(["The tower is tall."], source="zh", target="en") == {}


def test_a_later_correction_takes_the_place_of_the_earlier(memory):
    first = memory.remember("A tower.", "一塔。", **EN_ZH)
    second = memory.remember("A tower.", "一座塔。", **EN_ZH)

    assert first == second
    assert [(row.text, row.translation) for row in memory.entries()] == [("A tower.", "一座塔。")]


def test_nobody_else_recalls_or_deletes_it(store, memory):
    entry = memory.remember("A tower.", "一座塔。", **EN_ZH)
    other = TranslationMemory(store, "session-2")

    assert other.recall(["A tower."], **EN_ZH) == {}
    assert not other.forget(entry)
    assert memory.forget(entry)
    assert not memory.forget(entry)
    assert memory.count() == 0


@pytest.mark.parametrize(
    ("text", "translation", "error", "words"),
    [
        ("Write to jane@example.com now.", "写信。", InvalidInputError, "e-mail"),
        ("Call.", "拨打13812345678。", InvalidInputError, "phone"),
        ("", "塔", InvalidInputError, "both need words"),
        ("Tower", "…", InvalidInputError, "both need words"),
        ("a" * 1001, "塔", InputTooLargeError, "1001"),
    ],
)
def test_what_is_not_remembered_gets_a_sentence(memory, text, translation, error, words):
    with pytest.raises(error, match=words):
        memory.remember(text, translation, **EN_ZH)

    assert memory.count() == 0


def test_a_full_memory_says_so_and_still_takes_corrections(memory, monkeypatch):
    monkeypatch.setattr(memories, "MAX_REMEMBERED", 2)
    memory.remember("One tower.", "一座塔。", **EN_ZH)
    memory.remember("Two towers.", "两座塔。", **EN_ZH)

    with pytest.raises(OverloadedError, match="2 sentences"):
        memory.remember("Three towers.", "三座塔。", **EN_ZH)
    memory.remember("Two towers.", "二塔。", **EN_ZH)


def test_many_sentences_are_looked_up_at_once(memory):
    memory.remember("Tower number 1777 stands.", "塔。", **EN_ZH)

    asked = [f"Tower number {n} stands." for n in range(2000)]

    assert memory.recall(asked, **EN_ZH) == {"Tower number 1777 stands.": "塔。"}


def test_a_remembered_sentence_is_not_sent_to_the_model(tmp_path):
    place = fake_showcase(tmp_path)
    memory = TranslationMemory(place.store, "session-1")
    memory.remember("The tower is tall.", "这座塔很高。", **EN_ZH)

    request = TranslationRequest("The tower is tall. It is old.", target="zh")
    translation = finish(translate(place.models, request, memory))
    known = finish(translate(place.models, TranslationRequest("The tower is tall.", target="zh"), memory))
    place.close()

    assert [segment.from_memory for segment in translation.segments] == [True, False]
    assert translation.text == "这座塔很高。译「It is old.」"
    assert (known.text, known.model) == ("这座塔很高。", None)


def test_an_older_database_gets_the_new_table_and_keeps_its_rows(url, tmp_path, monkeypatch):
    with closing(Store(url)) as store:
        store.add_feedback(Feedback(demo="translation", kind="thumb", rating=1))
    with closing(sqlite3.connect(tmp_path / "vitrine.db")) as connection, connection:
        connection.execute("DROP TABLE memory")
        connection.execute("UPDATE schema_version SET version = 1")

    with closing(Store(url)) as store:
        TranslationMemory(store, "session").remember("A tower.", "一座塔。", **EN_ZH)

        assert store.count_feedback() == 1
    with closing(sqlite3.connect(tmp_path / "vitrine.db")) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [
            (database_tables.SCHEMA_VERSION,)
        ]
