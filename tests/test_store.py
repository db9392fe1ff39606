"""What is stored stays stored, without personal data, and a failing database is a sentence."""

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from core import database, database_tables
from core.store import Feedback, Handover, Store, StoreError, Unanswered

PHONE, EMAIL, CARD = "13812345678", "jane@example.com", "4111 1111 1111 1111"
SECRETS = f"电话{PHONE}，{EMAIL}，{CARD}"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/var/vitrine.db"


@pytest.fixture
def store(url):
    with closing(Store(url)) as opened:
        yield opened


def thumb(**more):
    return Feedback(**{"demo": "customer-service", "kind": "thumb", "rating": 1} | more)


def question(text="How long?", owner="session", **more):
    return Unanswered(owner=owner, knowledge_base="kb", question=text, language="en", **more)


def test_feedback_comes_back_newest_first_with_id_and_time(store):
    first = store.add_feedback(thumb(reason="Good", session_hash="ab12"))
    second = store.add_feedback(
        Feedback(demo="translation", kind="correction", correction="Better", rating=None)
    )

    rows = store.feedback()

    assert [row.id for row in rows] == [second, first]
    assert (rows[1].reason, rows[1].session_hash, rows[0].rating) == ("Good", "ab12", None)
    assert timedelta(0) <= datetime.now(UTC) - rows[0].created < timedelta(minutes=5)
    assert [row.id for row in store.feedback("customer-service")] == [first]
    assert [row.id for row in store.feedback(limit=1, offset=1)] == [first]
    assert (store.count_feedback(), store.count_feedback("translation")) == (2, 1)


def test_what_was_stored_is_there_after_reopening(url):
    with closing(Store(url)) as store:
        store.add_feedback(thumb())
        store.add_handover(Handover(demo="customer-service", packet="{}", language="zh"))
        store.audit("load", "minilm")

    with closing(Store(url)) as store:
        assert store.count_feedback() == 1
        assert store.handovers("customer-service")[0].language == "zh"
        assert (store.audit_rows()[0].event, store.audit_rows()[0].detail) == ("load", "minilm")


def test_a_question_asked_again_is_counted_and_not_repeated(store):
    first = store.add_unanswered(question("How long does it take?"))

    assert store.add_unanswered(question("how long  does it take?")) == first
    assert store.add_unanswered(question(owner="other")) != first
    assert [row.times_asked for row in store.unanswered("session")] == [2]
    assert len(store.unanswered()) == 2


def test_an_answered_question_is_open_again_when_nobody_can_answer_it(store):
    row_id = store.add_unanswered(question())
    store.mark_answered(row_id)
    assert [row.id for row in store.unanswered(status="answered")] == [row_id]
    assert store.unanswered("session", status="open") == []

    store.add_unanswered(question())

    assert [row.status for row in store.unanswered("session")] == ["open"]


def test_an_unknown_kind_of_feedback_is_a_bug():
    with pytest.raises(ValueError, match="thumb"):
        Feedback(demo="customer-service", kind="like")


def test_no_personal_data_reaches_the_file(store, tmp_path):
    ids = {"kind", "rating", "session_hash"}
    store.add_feedback(thumb(**{field.name: SECRETS for field in fields(Feedback) if field.name not in ids}))
    store.add_unanswered(question(SECRETS))
    packet = {SECRETS: [f"visitor:\n{PHONE}", int(PHONE), {"deep": SECRETS}]}
    store.add_handover(Handover(demo="customer-service", packet=json.dumps(packet)))
    store.add_handover(Handover(demo="customer-service", packet=f"no JSON: {SECRETS}"))
    store.audit(SECRETS, SECRETS)

    written = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir())

    assert b"[phone]" in written
    for secret in (PHONE, EMAIL, CARD):
        assert secret.encode() not in written
    assert json.loads(store.handovers()[1].packet)["电话[phone]，[e-mail]，[card]"][0] == "visitor:\n[phone]"


def test_ids_are_kept_as_they_are(store):
    owner = "a-13812345678-4111111111111111"

    store.add_unanswered(question(owner=owner))

    assert store.unanswered(owner)[0].owner == owner


def test_text_that_no_database_takes_is_stored_all_the_same(store):
    store.add_feedback(thumb(reason="a\0b\ud800c", question="'); DROP TABLE feedback; --"))

    assert store.feedback()[0].reason == "a\ufffdb\ufffdc"
    assert store.feedback()[0].question == "'); DROP TABLE feedback; --"


def test_sixteen_threads_lose_nothing(store):
    def write(thread):
        return [store.add_feedback(thumb(reason=f"{thread}/{number}")) for number in range(50)]

    with ThreadPoolExecutor(16) as threads:
        ids = [row_id for written in threads.map(write, range(16)) for row_id in written]

    assert len(set(ids)) == 800
    assert {row.id for row in store.feedback(limit=1000)} == set(ids)


def test_threads_that_ask_the_same_question_are_all_counted(store):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.add_unanswered(question()), range(80)))

    assert [row.times_asked for row in store.unanswered()] == [80]


def test_a_database_in_memory_is_shared_by_all_threads():
    with closing(Store("sqlite://")) as store, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: (store.add_feedback(thumb()), store.feedback()), range(80)))

        assert store.count_feedback() == 80


def test_what_is_too_old_is_deleted_for_good(store, tmp_path):
    store.add_feedback(thumb(reason="an old word"))
    store.add_unanswered(question("an old question"))

    assert store.delete_older_than(days=1) == 0
    assert store.delete_older_than(days=0) == 2

    assert (store.feedback(), store.unanswered()) == ([], [])
    assert store.add_feedback(thumb()) == 2  # an id is never given twice
    written = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir())
    assert b"an old" not in written


# Failures


def sentence_of(action):
    with pytest.raises(StoreError) as caught:
        action()
    return str(caught.value)


def test_a_locked_database_is_a_sentence(store, tmp_path, monkeypatch):
    with closing(sqlite3.connect(tmp_path / "var" / "vitrine.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with store._database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=1")

        assert "busy" in sentence_of(lambda: store.add_feedback(thumb()))
        assert store.feedback() == []  # readers go on
        other.execute("COMMIT")

    assert store.add_feedback(thumb())


def test_a_writer_that_waits_too_long_for_its_turn_is_told_so(store, monkeypatch):
    monkeypatch.setattr(database, "TIMEOUT_S", 0.01)

    with store._database._one_at_a_time:
        assert "busy" in sentence_of(lambda: store.add_feedback(thumb()))

    assert store.add_feedback(thumb())


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(store):
    store.add_feedback(thumb())
    with store._database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # as many as there are

    assert "full" in sentence_of(lambda: store.add_feedback(thumb(reason="long " * 20_000)))
    assert store.count_feedback() == 1


def test_a_read_only_database_can_be_read(store, tmp_path):
    store.add_feedback(thumb())
    store.close()

    with closing(Store(f"sqlite:///file:{tmp_path}/var/vitrine.db?mode=ro&uri=true")) as read_only:
        assert read_only.count_feedback() == 1
        assert "read-only" in sentence_of(lambda: read_only.add_feedback(thumb()))


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "vitrine.db"
    path.write_bytes(b"not a database" * 1000)

    assert "damaged" in sentence_of(lambda: Store(f"sqlite:///{path}"))


def test_a_database_of_a_later_version_is_refused_and_left_alone(url, monkeypatch):
    Store(url).close()
    monkeypatch.setattr(database_tables, "SCHEMA_VERSION", 1)

    assert "has version 3 but this program needs 1" in sentence_of(lambda: Store(url))


@pytest.mark.parametrize("url", ["nonsense", "mysql://localhost/x", "sqlite+nothing:///x.db"])
def test_a_url_that_names_no_usable_database_is_refused(url):
    assert "VITRINE_DATABASE_URL" in sentence_of(lambda: Store(url))


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    assert "cannot be reached" in sentence_of(lambda: Store(f"sqlite:///{tmp_path}/file/vitrine.db"))


def test_importing_the_store_does_not_import_the_database_library():
    code = "import sys, core.store; assert not {'sqlalchemy', 'phonenumbers'} & set(sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_tables_can_be_made_in_both_databases():
    for table in database_tables.TABLES.values():
        for dialect in (sqlite.dialect(), postgresql.dialect()):
            assert "CREATE TABLE" in str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))


# Several processes, and some killed in the middle


def open_and_write(url, together, results):
    together.wait()
    with closing(Store(url)) as store:
        results.put(store.add_feedback(thumb()))


def test_processes_that_open_a_new_database_at_once_all_can(url):
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["core.database", "tests.test_store"])
    together, results = processes.Barrier(6), processes.SimpleQueue()
    openers = [processes.Process(target=open_and_write, args=(url, together, results)) for _ in range(6)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert [opener.exitcode for opener in openers] == [0] * 6
    assert sorted(results.get() for _ in openers) == [1, 2, 3, 4, 5, 6]


def write_until_killed(url, acknowledged):
    """In a process of its own: store feedback, say each id once the store has it, never stop."""
    store = Store(url)
    while True:
        acknowledged.send(store.add_feedback(thumb(reason="before the crash")))


def test_every_acknowledged_row_survives_fifty_kills(url):
    # Forked from a server that has imported everything: fifty times importing SQLAlchemy would take a minute.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["core.database", "tests.test_store"])
    rng = random.Random(0)
    acknowledged = set()
    for _ in range(50):
        receiver, sender = processes.Pipe(duplex=False)
        writer = processes.Process(target=write_until_killed, args=(url, sender))
        writer.start()
        sender.close()
        acknowledged |= {receiver.recv() for _ in range(rng.randrange(1, 20))}
        os.kill(writer.pid, signal.SIGKILL)  # while it is writing the next one
        acknowledged |= set(rest_of(receiver))
        writer.join()
        assert writer.exitcode == -signal.SIGKILL

    with closing(Store(url)) as store:
        stored = {row.id for row in store.feedback(limit=10_000)}

    assert len(acknowledged) >= 50
    assert acknowledged <= stored
    # At most the one row per life that was stored but not yet acknowledged.
    assert len(stored - acknowledged) <= 50


def rest_of(receiver):
    """What was sent before the end; a message cut by the kill was not yet said."""
    with closing(receiver):
        while True:
            try:
                yield receiver.recv()
            except (EOFError, OSError):
                return
