"""The measuring itself: who counts how, what is a failure, and that every line of the table comes out."""

import importlib.util
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from benchmarks import endurance, knowledge_base, mix, overhead, reports, sides, table, visitors
from benchmarks.asking import Line, RefusalError, Reply, events
from benchmarks.crowd import Crowd
from benchmarks.reports import Row, Spread
from core.scenarios.customer_service.entries import Entry


@contextmanager
def serving(answer):
    """A server on loopback that answers every POST with what `answer()` returns: status and body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request, address):
            pass  # visitors who leave break the connection

    with Quiet(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def ask(line, number):
    line.post_json("/", {"number": number}).read()
    line.chars += 3
    return Reply(0.1, 0.2, 3)


def test_a_crowd_counts_answers_and_their_characters():
    with serving(lambda: (200, b"{}")) as url:
        load = Crowd(url, ask, visitors=3).watch(0.3)

    assert load.answers >= 3
    assert load.per_s > 0
    assert load.chars_per_s > 0
    assert load.errors == 0


def test_those_who_still_wait_count_with_the_time_that_they_waited():
    answered = threading.Event()

    def slow():
        answered.wait(60)
        return 200, b"{}"

    with serving(slow) as url:
        load = Crowd(url, ask, visitors=4).watch(0.2)
        answered.set()

    assert (load.answers, load.unanswered, load.errors) == (0, 4, 0)
    assert load.p50_ms >= 100


def test_a_refusal_while_asking_is_an_error_with_its_code():
    body = json.dumps({"error": {"code": "overloaded", "message": "Too many."}}).encode()
    with serving(lambda: (429, body)) as url:
        load = Crowd(url, ask, visitors=1).watch(0.2)
        with Line(url) as line, pytest.raises(RefusalError) as refusal:
            line.post_json("/", {})

    assert load.errors >= 1
    assert (refusal.value.status, refusal.value.code) == (429, "overloaded")


def test_server_sent_events_are_read_by_name():
    lines = [
        b"event: piece\n",
        b'data: {"text": "a"}\n',
        b"\n",
        b": still there\n",
        b"event: done\n",
        b"data: null\n",
    ]

    assert list(events(lines)) == [("piece", {"text": "a"}), ("done", None)]


def test_an_announced_refusal_is_no_failure():
    tally = mix.Tally()
    for code in ("model_unavailable", "internal"):
        tally.refusal("question", RefusalError(503, json.dumps({"error": {"code": code}}).encode()))

    assert tally.refused == {"question: model_unavailable": 1}
    assert tally.failed == {"question: internal": 1}


def test_a_page_that_went_wrong_is_a_failure_and_one_that_refused_is_none():
    tally = mix.Tally()
    tally.page(
        "", ["Something went wrong on our side. Reload the page.", "Type a text to translate."], 1500.0
    )

    assert tally.slowest_s == {"page home": 1.5}
    assert tally.done == {"page home": 1}
    assert tally.failed == {"page home: Something went wrong": 1}


def test_errors_in_the_log_are_found(tmp_path):
    log = tmp_path / "server.log"
    fine, failed = '{"level": "INFO", "event": "model_loaded"}', '{"level": "ERROR", "event": "page_failed"}'
    log.write_text(f"{fine}\nLoading weights: 100%\n{failed}\nTraceback (most recent call last):\n")

    assert endurance.bugs(log) == [failed, "Traceback (most recent call last):"]


def test_memory_is_compared_between_the_first_and_the_last_third():
    watch = endurance.Watch(None, memory_mb=[100, 101, 102, 500, 500, 500, 110, 111, 112])

    assert watch.thirds() == (101, 111)


def test_an_endurance_run_without_failures_meets_every_aim():
    found = {
        "minutes": 30.0,
        "sessions": 64,
        "done": {"question": 5},
        "refused": {"question: overloaded": 1},
        "failed": {},
        "logged": [],
        "memory_mb": {"first_third": 100, "last_third": 101, "highest": 120},
        "memory_ratio": 1.01,
        "threads": {"before": 40, "highest": 60, "after": 41},
    }

    assert [row.is_met for row in endurance.rows(found)] == [True, True, True]
    for worse in ({"logged": ["x"]}, {"failed": {"page home: TimeoutError": 1}}):
        assert [row.is_met for row in endurance.rows(found | worse)] == [False, True, True]
    threads = {"before": 40, "highest": 60, "after": 50}
    worse = {"memory_ratio": 1.2, "threads": threads}
    assert [row.is_met for row in endurance.rows(found | worse)] == [True, False, False]


def test_varied_entries_are_all_different_and_their_vectors_of_length_one():
    entries = [Entry("a", "An answer.", "en", ("One?", "Two?"))]

    grown = knowledge_base.varied(entries, 5)
    vectors = knowledge_base.vectors_for(50)

    assert len({entry.questions for entry in grown}) == len({entry.entry_id for entry in grown}) == 5
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def load(per_s, **more):
    times = {"p50_ms": 10.0, "p95_ms": 20.0, "p99_ms": 30.0}
    return {
        "seconds": 2.0,
        "per_s": per_s,
        "chars_per_s": per_s,
        "answers": 9,
        "unanswered": 0,
        "errors": 0,
        **times,
    } | more


def test_ratios_of_visitors_are_formed_within_a_round():
    peers = ("gradio-tuned", "fastapi", "plain")
    rounds = [
        {"vitrine": load(ours), "gradio": load(gradio, p95_ms=99.0), **{peer: load(1.0) for peer in peers}}
        for ours, gradio in ((10.0, 1.0), (60.0, 10.0), (7.0, 1.0))
    ]

    found = visitors.summary(rounds, "question")
    (row,) = visitors.rows({"question": {"32": found}})

    assert found["ratios"]["gradio"] == {"median": 7.0, "lowest": 6.0, "highest": 10.0, "rounds": 3}
    assert row.is_met
    assert "7 times Gradio" in row.figure


def test_every_server_can_be_asked_for_every_case():
    for case in sides.CASES:
        assert all(callable(sides.ask_of(server, case)) for server in ("vitrine", "gradio-tuned", "fastapi"))
    assert all(callable(getattr(sides.Vitrine, case)) for case in overhead.TITLES)


def test_a_spread_has_its_middle_and_its_ends():
    spread = Spread.of([3.0, 1.0, 2.0])

    assert (spread.median, spread.lowest, spread.highest, spread.rounds) == (2.0, 1.0, 3.0, 3)
    assert str(spread) == "1 to 3 (3 rounds)"


def test_a_report_becomes_a_line_of_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reports, "RESULTS", tmp_path)
    rows = [Row("Answers | all", "2 times", "1 to 3 (3 rounds)", "5 times", False), Row("Memory", "1 MB")]
    reports.report("visitors", {"cases": 1}, save=True, rows=rows)
    reports.report("clinc150", {"accuracy": 1}, save=True)

    written = table.table(table.read(tmp_path))

    assert (
        "| Answers \\| all | 2 times | 1 to 3 (3 rounds) | 5 times | **no** | `python -m benchmarks.visitors` |"
        in written
    )
    assert "| Memory | 1 MB | – | – | – |" in written
    assert "clinc150" not in written
    assert json.loads(capsys.readouterr().out.splitlines()[0])["cases"] == 1


def test_the_tables_say_what_was_saved_last():
    found = table.read()

    assert table.TABLE.read_text("utf-8") == table.table(found)
    assert json.loads(reports.RESULTS.with_suffix(".json").read_text("utf-8")) == found


def test_every_measurement_of_make_bench_is_there():
    assert [name for name in table.MEASUREMENTS if not importlib.util.find_spec(f"benchmarks.{name}")] == []
