"""Who hangs up on the API is waited for no longer: what they asked for ends, and its place is free."""

import asyncio
import http.client
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from api import events, hang_ups
from api.calls import Call, Calls
from api.failures import Refusal, status_of
from api.hang_ups import answered
from api.visitors import Visitor
from core import visits
from core.deadlines import Deadline
from core.errors import DeadlineError
from core.scenarios.content.batch_jobs import BatchDesk
from core.scenarios.triage.studies import packed
from tests.fake_classifier import LABELS, FakeClassifier, labels_for, painted
from tests.fakes import fake_showcase, load_fake
from tests.test_api import app_of, client_of
from tests.test_images import png
from tests.test_triage import x_ray

CLASSIFY = "/api/images/classify"
STUDIES = "/api/triage/studies"
BATCHES = "/api/content/batches"
VISITOR = Visitor("203.0.113.7", is_local=False, request_id="-")
WAIT_S = 10


class Scene:
    """A showcase behind a real server, with its engines by the id of their model."""

    def __init__(self, tmp_path):
        self.engines = {}
        self.place = fake_showcase(tmp_path, load=self._load)
        self.ports = []

    def _load(self, spec, folder, device):
        is_seeing = "image-classification" in spec.task
        engine = (
            FakeClassifier(device, labels_for(spec.roles)) if is_seeing else load_fake(spec, folder, device)
        )
        self.engines[spec.model_id] = engine
        return engine

    def engine(self, model_id):
        self.place.models.load(model_id).wait(WAIT_S)
        return self.engines[model_id]

    @contextmanager
    def asking(self, path, **body):
        """A request that has been sent whole; its caller hangs up at the end of the block."""
        request = client_of(self.place).build_request("POST", path, **body)
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=60)
        connection.request("POST", path, request.read(), dict(request.headers) | {"host": "localhost"})
        try:
            yield connection
        finally:
            connection.close()


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path)
    config = uvicorn.Config(app_of(scene.place), port=0, ws="none", log_level="error")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen()
    scene.ports.append(listening.getsockname()[1])
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield scene
    for engine in scene.engines.values():
        for held in ("may_answer", "may_step"):
            getattr(engine, held, threading.Event()).set()
    server.should_exit = True
    thread.join()
    listening.close()
    scene.place.close()


def pictures(count):
    picture = png(painted("cat", LABELS["image-classifier"]))
    return [("files", (f"{number}.png", picture)) for number in range(count)]


def until(holds):
    give_up_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up_s
        threading.Event().wait(0.001)


# --- over sockets -----------------------------------------------------------------------------------------------


def test_what_waits_in_the_line_for_who_hung_up_never_reaches_the_model(scene):
    engine, place = scene.engine("fake-vision"), scene.place
    engine.may_answer.clear()

    with scene.asking(CLASSIFY, files=pictures(1)) as staying:
        assert engine.was_asked.wait(WAIT_S)
        with scene.asking(CLASSIFY, files=pictures(3)):
            until(lambda: place.models.role_status("image-classifier").queue_size == 3)
            assert place.limits.under_way == 2
        until(lambda: place.limits.under_way == 1)
        engine.may_answer.set()
        answer = staying.getresponse()
        assert answer.status == 200
        answer.read()

    until(lambda: place.limits.under_way == 0)
    assert len(engine.asked) == 1


def test_the_rest_of_the_pictures_of_who_hung_up_is_not_looked_at(scene):
    engine, place = scene.engine("fake-vision"), scene.place
    engine.may_answer.clear()

    with scene.asking(CLASSIFY, files=pictures(30)):
        assert engine.was_asked.wait(WAIT_S)
        begun = len(engine.asked)
    until(lambda: place.limits.under_way == 0)
    engine.may_answer.set()
    place.models.close()

    assert len(engine.asked) == begun <= 8


def test_triage_for_who_hung_up_ends_between_two_models(scene):
    gate, engine = scene.engine("fake-modality"), scene.engine("fake-chest-xray")
    gate.may_answer.clear()
    x_rays = [("files", (f"{number}.png", packed(x_ray()))) for number in range(2)]

    with scene.asking(STUDIES, files=x_rays):
        assert gate.was_asked.wait(WAIT_S)
    until(lambda: scene.place.limits.under_way == 0)
    gate.may_answer.set()
    scene.place.models.close()

    assert engine.asked == []


def test_a_batch_whose_id_nobody_will_know_is_not_written(scene, monkeypatch):
    jobs, start = [], BatchDesk.start
    monkeypatch.setattr(BatchDesk, "start", lambda *about: jobs.append(start(*about)) or jobs[-1])
    writer = scene.engine("fake-writer")
    writer.may_step.clear()
    rows = "product\n" + "".join(f"Product {number}\n" for number in range(50))

    with scene.asking(BATCHES, files={"file": ("briefs.csv", rows)}):
        assert writer.was_asked.wait(WAIT_S)
    until(lambda: scene.place.limits.under_way == 0)
    writer.may_step.set()
    jobs[0].work.result(WAIT_S)

    assert jobs[0].state == "cancelled"
    assert len(writer.asked) < 50


def test_a_variant_for_who_hung_up_gives_its_place_back_in_the_middle(scene):
    writer = scene.engine("fake-writer")
    writer.may_step.clear()
    brief = {"product": "Lamp", "facts": ["It glows."], "channel": "email", "max_words": 60}

    with scene.asking("/api/content/generate", json=brief):
        assert writer.was_asked.wait(WAIT_S)
    until(lambda: scene.place.limits.under_way == 0)

    assert writer.steps == 0


# --- listening --------------------------------------------------------------------------------------------------


def listened(answer_of, receive):
    """What `answered` gave or raised, and whether the work was given up."""

    async def listen():
        given_up = threading.Event()
        answer = answer_of(asyncio.get_running_loop().create_future())
        try:
            return await answered(answer, receive, given_up, deadline_s=0.3), given_up.is_set()
        except (DeadlineError, Refusal) as error:
            assert answer.cancelled()
            return error, given_up.is_set()

    return asyncio.run(listen())


def told(*messages):
    """A `receive` with these messages, and then none."""
    left = list(messages)

    async def receive():
        if not left:
            await asyncio.Event().wait()
        return {"type": left.pop(0), "more_body": False}

    return receive


def test_nobody_listens_while_an_answer_comes_soon():
    async def receive():
        raise AssertionError("listened")

    def soon(answer):
        answer.set_result("soon")
        return answer

    assert listened(soon, receive) == ("soon", False)


def test_who_hangs_up_before_the_answer_gives_up_the_work():
    error, is_given_up = listened(lambda answer: answer, told("http.request", "http.disconnect"))

    assert (status_of(error), error.code, is_given_up) == (499, "left", True)


def test_who_waits_in_vain_gives_up_the_work_too():
    error, is_given_up = listened(lambda answer: answer, told("http.request"))

    assert isinstance(error, DeadlineError)
    assert is_given_up


def test_an_answer_that_takes_its_time_is_given_to_who_waits(monkeypatch):
    monkeypatch.setattr(hang_ups, "LISTEN_AFTER_S", 0)

    def later(answer):
        asyncio.get_running_loop().call_later(0.02, answer.set_result, "later")
        return answer

    assert listened(later, told("http.request")) == ("later", False)


def test_who_hangs_up_before_the_first_event_ends_its_stream(tmp_path, monkeypatch):
    monkeypatch.setattr(hang_ups, "LISTEN_AFTER_S", 0)
    place = fake_showcase(tmp_path)
    calls, seen, ended = Calls(place), [], threading.Event()

    def begin(_showcase):
        seen.append(visits.current())
        try:
            while True:
                yield None
        finally:
            ended.set()

    async def ask():
        call = Call(calls, VISITOR, "en", "", told("http.disconnect"))
        with pytest.raises(Refusal):
            await events.stream(call, "generate", begin)

    asyncio.run(ask())

    assert ended.wait(WAIT_S)
    calls.close()
    assert seen[0].is_over
    assert place.limits.under_way == 0
    place.close()


# --- who looks --------------------------------------------------------------------------------------------------


def test_steps_for_nobody_end_like_those_that_are_too_late():
    given_up, closed = threading.Event(), []

    def steps():
        try:
            yield 1
            given_up.set()
            yield 2
        finally:
            closed.append(True)

    with visits.visiting("visitor", given_up=given_up):
        guarded = Deadline(60).steps(steps())
        assert next(guarded) == 1
        with pytest.raises(DeadlineError):
            next(guarded)

    assert closed == [True]
