"""Content generation over HTTP: variants, events and batches, with a writer that has no weights."""

import json
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from api import content
from api.content_schemas import GenerateRequest, GenerateResponse
from core.errors import DemoError, ModelLoadError
from core.scenarios.content import batch_jobs
from core.scenarios.content.batch_jobs import batch_desk
from tests.fakes import FakeWriter, fake_showcase, load_fake
from tests.test_api import app_of, client_of, error_of
from tests.test_content import until

GENERATE = "/api/content/generate"
BATCHES = "/api/content/batches"
BRIEF = {"product": "Lumora lamp", "facts": ["Dims to 1 %"], "must_say": ["Porto"]}


class Scene:
    """A showcase, a client, and the writer once it was loaded."""

    def __init__(self, tmp_path, **settings):
        self.writers = []
        self.place = fake_showcase(tmp_path, load=self._load, **settings)
        self.client = client_of(self.place)

    def _load(self, spec, folder, device):
        self.writers.append(load_fake(spec, folder, device))
        return self.writers[-1]

    def writer(self):
        self.place.models.load("fake-writer").wait(30)
        return self.writers[0]

    def users(self):
        return self.place.models._residents.get("fake-writer").users

    def close(self):
        for writer in self.writers:
            writer.may_step.set()
        self.place.models.close()


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path)
    yield scene
    scene.close()


@pytest.fixture
def hasty(tmp_path):
    """A scene with a deadline of 0.3 s and the writer at hand."""
    scene = Scene(tmp_path, deadline_s=0.3)
    scene.writer()
    yield scene
    scene.close()


def bring(scene, content, **fields):
    return scene.client.post(BATCHES, files={"file": ("briefs.csv", content)}, data=fields)


def events_of(text):
    """(name, data) of each event."""
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


# --- variants ---------------------------------------------------------------------------------------------------


def test_variants_come_with_checks_and_what_reproduces_them(scene):
    answer = scene.client.post(GENERATE, json={**BRIEF, "variants": 2, "seed": 7, "temperature": 0.5}).json()

    first, second = answer["variants"]
    assert (first["seed"], second["seed"], first["temperature"]) == (7, 8, 0.5)
    assert first["text"].startswith("Draft 7: Write a product description in English")
    assert (first["ai_generated"], first["ai_label"]) == (True, "AI-generated")
    assert [check["name"] for check in first["checks"]] == [
        "length", "must_say", "language", "facts", "unsupported", "reading"
    ]  # fmt: skip
    start, end = first["checks"][1]["spans"][0]
    assert first["text"][start:end] == "Porto"
    assert (answer["model"], answer["tier"], answer["device"]) == ("fake-writer", "starter", "CPU")
    again = scene.client.post(GENERATE, json={**BRIEF, "seed": 8, "temperature": 0.5}).json()
    assert again["variants"][0]["text"] == second["text"]


def test_sentences_are_in_the_language_of_the_caller(scene):
    refusal = scene.client.post(GENERATE, json={"product": " "}, headers={"accept-language": "zh-CN"})
    written = scene.client.post(GENERATE, json=BRIEF, headers={"accept-language": "zh-CN"}).json()

    assert "Name the product" not in error_of(refusal, 422, "invalid_input")
    assert written["variants"][0]["checks"][0]["sentence"].isascii() is False


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"product": "\t"}, 422, "Name the product"),
        ({"product": "x" * 101}, 413, "under 100 characters"),
        ({"max_words": 1000}, 422, "3 to 300"),
        ({"variants": 5}, 422, "between 1 and 4"),
        ({"temperature": 9}, 422, "temperature"),
        ({"seed": -1}, 422, "seed"),
        ({"channel": "billboard"}, 422, "channel"),
        ({"language": "fr"}, 422, "language"),
        ({"facts": "one"}, 422, "facts has to be a list"),
        ({"surprise": 1}, 422, "no field surprise"),
        ({"model": "gpt-17"}, 404, "fake-writer"),
    ],
)
@pytest.mark.parametrize("is_stream", [True, False])
def test_what_cannot_be_written_is_refused_with_a_sentence(scene, change, status, words, is_stream):
    answer = scene.client.post(GENERATE, json={**BRIEF, "stream": is_stream, **change})

    assert words in error_of(answer, status, answer.json()["error"]["code"])


def test_a_text_that_takes_too_long_is_504_and_the_model_stops(hasty):
    hasty.writers[0].may_step.clear()

    answer = hasty.client.post(GENERATE, json=BRIEF)

    error_of(answer, 504, "deadline_exceeded")
    until(lambda: hasty.users() == 0)


# --- events -----------------------------------------------------------------------------------------------------


def test_the_pieces_of_a_stream_are_the_texts_of_its_end(scene):
    answer = scene.client.post(GENERATE, json={**BRIEF, "variants": 3, "stream": True})
    *pieces, (name, done) = events_of(answer.text)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert {piece[0] for piece in pieces} == {"piece"}
    assert name == "done"
    for number, variant in enumerate(GenerateResponse.model_validate(done).variants):
        said = "".join(data["text"] for _, data in pieces if data["variant"] == number)
        assert said == variant.text


def test_nothing_within_the_deadline_is_504_as_long_as_nothing_was_sent(hasty):
    writer, may_join = hasty.writers[0], threading.Event()
    join = writer.join
    writer.join = lambda items: may_join.wait() and join(items)

    answer = hasty.client.post(GENERATE, json={**BRIEF, "stream": True})
    may_join.set()

    error_of(answer, 504, "deadline_exceeded")


def test_what_fails_in_mid_stream_is_an_event(scene, monkeypatch):
    class Fragile(FakeWriter):
        def step(self):
            return dict.fromkeys(self.rows, ModelLoadError("The line is dead."))

    monkeypatch.setattr(scene, "_load", None)
    scene.place.models._load_engine = lambda spec, folder, device: Fragile(device)
    events = events_of(scene.client.post(GENERATE, json={**BRIEF, "stream": True}).text)

    assert [name for name, _ in events] == ["piece", "error"]
    assert events[-1][1] == {"error": {"code": "model_unavailable", "message": "The line is dead."}}


@contextmanager
def served(place):
    """The port of a real server in front of this showcase."""
    config = uvicorn.Config(app_of(place), port=0, ws="none", log_level="error")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_a_caller_who_hangs_up_stops_the_model_and_frees_the_place(scene):
    writer = scene.writer()
    writer.may_step.clear()
    limits = scene.place.limits
    body = json.dumps({**BRIEF, "stream": True}).encode()
    head = (
        f"POST {GENERATE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    )
    with served(scene.place) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(f"{head}{len(body)}\r\n\r\n".encode() + body)
            said = connection.recv(4096)
            assert (scene.users(), limits.under_way) == (1, 1)
        until(lambda: scene.users() == 0)
        until(lambda: limits.under_way == 0)
        writer.may_step.set()
        until(lambda: not writer.rows)

    assert b"200 OK" in said
    assert writer.steps <= 1


# --- batches ----------------------------------------------------------------------------------------------------


def test_a_small_batch_comes_at_once(scene):
    answer = bring(scene, b"product,max_words\nlamp,20\nchair,many\n", seed=3)

    batch = answer.json()
    assert (answer.status_code, batch["state"], batch["done"], batch["total"]) == (200, "done", 2, 2)
    assert [row["line"] for row in batch["results"]] == [2, 3]
    assert batch["results"][0]["variant"]["seed"] == 3
    assert batch["results"][1]["error"] == "The field max_words has to be a number."
    assert scene.client.get(f"{BATCHES}/{batch['id']}").json() == batch


@pytest.fixture
def frozen(scene, monkeypatch):
    """A scene whose writer does not go on, and where nobody waits for a batch to end."""
    monkeypatch.setattr(content, "BATCH_S", 0.05)
    scene.writer().may_step.clear()
    return scene


def test_a_long_batch_is_polled_and_cancelled(frozen):
    begun = bring(frozen, b"product\nlamp\nchair\n")
    path = f"{BATCHES}/{begun.json()['id']}"
    looked = frozen.client.get(path)
    cancelled = frozen.client.delete(path)
    gone = frozen.client.get(path)

    assert (begun.status_code, begun.json()["state"], begun.json()["done"]) == (202, "running", 0)
    assert looked.json() == begun.json()
    assert cancelled.json()["state"] == "cancelled"
    error_of(gone, 404, "not_found")
    until(lambda: frozen.users() == 0)


def test_only_so_many_batches_run_at_once(frozen):
    statuses = [bring(frozen, b"product\nlamp\n").status_code for _ in range(batch_jobs.MAX_RUNNING + 1)]

    assert statuses == [202] * batch_jobs.MAX_RUNNING + [429]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"a,b\n1,2\n", 422),
        (b"", 422),
        (b"product\n \n", 422),
        (b"product\n!\n", 422),
        (b"x" * (2**21 + 1), 413),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence_and_is_not_kept(scene, content, status):
    answer = bring(scene, content)

    assert error_of(answer, status, answer.json()["error"]["code"])
    assert scene.place.belongings._items == {}


def test_a_batch_whose_writer_cannot_be_loaded_is_503_and_leaves_nothing(tmp_path):
    def no_model(spec, folder, device):
        raise ModelLoadError("The disk is full.")

    place = fake_showcase(tmp_path, load=no_model)
    client = client_of(place)
    answer = client.post(BATCHES, files={"file": ("briefs.csv", b"product\nlamp\n")})

    assert error_of(answer, 503, "model_unavailable") == "The disk is full."
    assert place.belongings._items == {}
    place.models.close()


def test_an_unknown_batch_is_not_found(scene):
    error_of(scene.client.get(f"{BATCHES}/nope"), 404, "not_found")
    error_of(scene.client.delete(f"{BATCHES}/nope"), 404, "not_found")


def test_a_job_that_fails_says_so_whenever_it_is_looked_at(scene, monkeypatch):
    def broken(*args, **kwargs):
        raise DemoError("No ink.")
        yield

    monkeypatch.setattr(batch_jobs, "write_batch", broken)
    job = batch_desk(scene.place.belongings).start(scene.place.models, (), None, None)
    job.wait(30)

    for _ in range(2):
        with pytest.raises(DemoError, match=r"No ink\."):
            _ = job.state


# --- the document -----------------------------------------------------------------------------------------------


def test_the_documents_example_works(scene):
    schemas = scene.client.get("/api/openapi.json").json()["components"]["schemas"]

    assert scene.client.post(GENERATE, json=schemas["GenerateRequest"]["example"]).status_code == 200
    assert GenerateResponse.model_validate(schemas["GenerateResponse"]["example"])


def test_the_choices_of_the_document_are_those_of_the_brief():
    from typing import get_args

    from core.scenarios.content.brief import CHANNELS, TONES

    fields = GenerateRequest.model_fields
    assert get_args(fields["channel"].annotation) == tuple(CHANNELS)
    assert get_args(fields["tone"].annotation) == tuple(TONES)
