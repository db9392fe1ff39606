"""A web process and its cluster, without any Ray: what is asked, what every failure is called, what is tried again."""

import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from core.cluster import Cluster
from core.errors import (
    DeadlineError,
    DemoError,
    InferenceError,
    InvalidInputError,
    ModelLoadError,
    OverloadedError,
)
from core.settings import Settings
from core.types import ChatMessage, EmbeddingItem, Generation, GenerationItem, ImageItem
from core.wire import MEDIA_TYPE, Answer, Failure, Frame, Listing, Outcome, Served, framed, pack, unpack
from tests.conformance_backends import free_port, remote_pool
from tests.fakes import fake_catalog, trigram_vector

FRAMES = [
    Frame(device="GPU"),
    Frame("Hi "),
    Frame(),
    Frame("there."),
    Frame(end=Generation("Hi there.", "stop", 2)),
]
QUESTION = GenerationItem((ChatMessage("user", "Hi"),))


class Scripted(ThreadingHTTPServer):
    """Answers the next request as the script says, and every other one with vectors, or with FRAMES."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = []
        self.asked = []
        self.sizes = []
        self.listing = Listing(tuple(Served(spec.model_id) for spec in fake_catalog().specs))
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.was_asked = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, pack(self.server.listing))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers["serve_multiplexed_model_id"]))
        self.server.was_asked.set()
        self.server.may_answer.wait(30)
        if self.server.script:
            self.server.script.pop(0)(self)
        elif self.path.endswith("/stream"):
            self.reply(200, b"".join(framed(frame) for frame in FRAMES))
        elif "text-embedding" in self.path:
            items = unpack(body, list[EmbeddingItem])
            self.server.sizes.append(len(items))
            vectors = [Outcome(trigram_vector(item.text)) for item in items]
            self.reply(200, pack(Answer("GPU", vectors)))
        else:
            count = len(unpack(body, list[ImageItem]))
            self.server.sizes.append(count)
            self.reply(
                200,
                pack(
                    Answer("GPU", [Outcome(failure=Failure("invalid_input", "No."))] * self.server.sizes[-1])
                ),
            )

    def reply(self, status, body, media_type=MEDIA_TYPE, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


def plain(status, **headers):
    """What Ray's own proxy says when it has no answer."""
    return lambda handler: handler.reply(status, b"Internal Server Error", "text/plain", **headers)


def cut(*, after=b""):
    """The copy that answers dies: its connection ends."""

    def act(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", MEDIA_TYPE)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(after)
        handler.wfile.flush()
        handler.close_connection = True

    return act


@pytest.fixture
def server():
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def pool(server):
    with closing(Cluster(server.address)) as cluster, closing(remote_pool(cluster, timeout_s=20.0)) as pool:
        yield pool


def embed(pool, text="x"):
    return pool.predict("embedder-en", EmbeddingItem(text))


def read(stream):
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return [piece for piece in pieces if piece], end.value


def test_the_setting_names_a_ray_serve_or_none():
    assert Settings.read({"VITRINE_BACKEND": "ray+http://host:8000/"}).backend == "http://host:8000"
    assert Settings.read({"VITRINE_BACKEND": "local"}).backend is None
    assert Settings.read({}).backend is None
    for wrong in ("http://host:8000", "ray+ftp://host", "ray+http://", "ray"):
        with pytest.raises(ValueError, match="VITRINE_BACKEND"):
            Settings.read({"VITRINE_BACKEND": wrong})


def test_a_request_names_its_task_and_its_model(server, pool):
    assert np.array_equal(embed(pool), trigram_vector("x"))

    assert server.asked == [("/vitrine/text-embedding/predict", "fake-en")]


def test_items_that_wait_share_requests_of_bounded_size(server, pool):
    embed(pool)
    server.sizes.clear()

    vectors = pool.predict_many("embedder-en", [EmbeddingItem(f"text {n}") for n in range(150)])

    assert all(np.array_equal(vector, trigram_vector(f"text {n}")) for n, vector in enumerate(vectors))
    assert sum(server.sizes) == 150
    assert max(server.sizes) <= pool.pick("embedder-en").max_batch_size
    assert len(server.sizes) < 30


def test_pictures_go_few_at_a_time(server, pool):
    picture = ImageItem(np.zeros((8, 8, 3), np.uint8))

    with pytest.raises(InvalidInputError, match="No"):
        pool.predict_many("image-classifier", [picture] * 20)

    assert max(server.sizes) <= 8


def test_a_text_comes_in_pieces_and_its_device_is_known(server, pool):
    pieces, whole = read(pool.stream("writer", QUESTION))

    assert (pieces, whole) == (["Hi ", "there."], Generation("Hi there.", "stop", 2))
    assert pool.use(pool.pick("writer"), 1.0).device == f"GPU, Ray Serve, 127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    "act", [plain(500), cut(), cut(after=pack(Answer("GPU", []))[:3])], ids=["500", "cut", "half"]
)
def test_what_broke_off_is_asked_once_more(server, pool, act):
    server.script = [act]

    assert np.array_equal(embed(pool), trigram_vector("x"))
    assert len(server.asked) == 2


def test_what_breaks_off_twice_is_told_and_not_asked_again(server, pool):
    server.script = [plain(500), cut(), plain(500)]

    with pytest.raises(InferenceError, match="has died, and so has the one asked instead"):
        embed(pool)
    assert len(server.asked) == 2


def test_a_text_that_broke_off_before_its_first_word_is_asked_once_more(server, pool):
    server.script = [cut(after=framed(Frame(device="GPU")) + framed(Frame()))]

    assert read(pool.stream("writer", QUESTION))[0] == ["Hi ", "there."]
    assert len(server.asked) == 2


def test_a_text_that_broke_off_later_is_not_written_twice(server, pool):
    server.script = [cut(after=framed(Frame("Hi ")))]
    stream = pool.stream("writer", QUESTION)

    with pytest.raises(InferenceError, match="Keep what came"):
        read(stream)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("act", "kind", "sentence"),
    [
        (plain(404), ModelLoadError, "does not serve Fake English embedder"),
        (plain(408), DeadlineError, "did not answer for Fake English embedder within"),
        (plain(429, retry_after="7"), OverloadedError, "Try again in about 7 s"),
        (plain(429), OverloadedError, "Try again in about 10 s"),
        (plain(503), ModelLoadError, "No copy of Fake English embedder is running"),
        (plain(200), InferenceError, "gave something that is no answer"),
        (plain(418), InferenceError, "gave something that is no answer"),
        (lambda handler: handler.reply(200, b"\xff\xff"), InferenceError, "no answer"),
        (lambda handler: handler.reply(422, b"\xff\xff"), InferenceError, "no answer"),
        (
            lambda handler: handler.reply(200, pack(Answer("GPU", []))),
            InferenceError,
            "0 results for 1 inputs",
        ),
        (
            lambda handler: handler.reply(422, pack(Failure("invalid_input", "Under {n}.", {"n": 3}))),
            InvalidInputError,
            "Under 3.",
        ),
    ],
)
def test_every_other_failure_is_a_sentence(server, pool, act, kind, sentence):
    server.script = [act]

    with pytest.raises(kind, match=sentence):
        embed(pool)
    assert np.array_equal(embed(pool), trigram_vector("x"))


def test_a_request_that_nobody_waits_for_is_given_up(server):
    server.may_answer.clear()
    with closing(Cluster(server.address)) as cluster, closing(remote_pool(cluster, timeout_s=0.3)) as pool:
        with pytest.raises(DeadlineError):
            embed(pool)
        server.may_answer.set()

        assert np.array_equal(embed(pool), trigram_vector("x"))


def test_a_stopped_text_closes_its_connection(server, pool):
    ended = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", MEDIA_TYPE)
        handler.end_headers()
        handler.close_connection = True
        try:
            while True:
                handler.wfile.write(framed(Frame("word ")))
                ended.wait(0.01)
        except OSError:
            ended.set()

    server.script = [drip]
    stream = pool.stream("writer", QUESTION)
    while not next(stream):
        pass

    stream.close()

    assert ended.wait(10)


def test_without_a_copy_nobody_waits_and_a_new_one_is_noticed(server):
    up, server.listing = server.listing, Listing((Served("fake-en", is_up=False),))
    with closing(Cluster(server.address)) as cluster, closing(remote_pool(cluster, timeout_s=20.0)) as pool:
        with pytest.raises(
            ModelLoadError, match="No copy of Fake English embedder is running on the cluster now"
        ):
            embed(pool)
        assert server.asked == []

        server.listing = up
        for _attempt in range(500):
            try:
                assert np.array_equal(embed(pool), trigram_vector("x"))
                break
            except DemoError:
                threading.Event().wait(0.02)
        assert server.asked


def test_what_the_cluster_does_not_list_is_not_here(server):
    server.listing = Listing((Served("fake-en"),))
    with closing(Cluster(server.address)) as cluster, closing(remote_pool(cluster, timeout_s=20.0)) as pool:
        assert pool.pick("embedder-en").model_id == "fake-en"
        with pytest.raises(ModelLoadError):
            pool.pick("writer")


def test_closing_ends_what_is_under_way(server):
    server.may_answer.clear()
    told = []
    with closing(Cluster(server.address)) as cluster:
        pool = remote_pool(cluster, timeout_s=20.0)

        def ask():
            try:
                embed(pool)
            except DemoError as error:
                told.append(str(error))

        asking = threading.Thread(target=ask)
        asking.start()
        assert server.was_asked.wait(10)
        pool.close()
        asking.join(10)

    assert told == ["The model was unloaded while you waited. Try again."]


def test_pages_stay_up_without_a_cluster(open_page, place):
    nobody = f"http://127.0.0.1:{free_port()}"
    with closing(Cluster(nobody)) as cluster, closing(remote_pool(cluster, timeout_s=20.0)) as pool:
        object.__setattr__(place, "models", pool)
        app = open_page("translation")
        assert not app.exception
        app.text_area(key="translation_text").set_value("Hi there.")
        app.button(key="translation_submit").click().run()

        assert not app.exception
        assert "runs on a cluster that cannot be reached at" in app.error[0].value
