"""The API behind a real server on loopback: what only sockets show."""

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
import uvicorn

from api import calls
from api.calls import Calls
from api.visitors import Visitor
from core import limits
from core.errors import DeadlineError, OverloadedError
from core.scenarios.customer_service.sample import sample_knowledge_base
from tests.fakes import fake_showcase
from tests.test_api import ANSWER, KNOWLEDGE_BASES, app_of

VISITOR = Visitor("203.0.113.7", is_local=False, request_id="-")


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    place = fake_showcase(tmp_path_factory.mktemp("server"), max_request_mb=1)
    sample_knowledge_base(place.belongings).built(place.models, timeout_s=120)
    config = uvicorn.Config(app_of(place), port=0, ws="none", log_level="error")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen()  # callers may come before the server does
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()
    place.models.close()


async def nothing_more():
    """The `receive` of a caller who waits."""
    await asyncio.Event().wait()


def post(port, path, body, **headers):
    """(status, JSON) of a POST; an iterator is sent in chunks, without a length."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def megabytes(count: int, head: bytes = b"") -> Iterator[bytes]:
    return chain([head], (b"x" * 2**20 for _ in range(count)))


def test_a_hundred_megabytes_get_a_sentence_and_not_a_broken_connection(port):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}

    for body in (head + b"x" * 100 * 2**20, megabytes(100, head)):
        status, answer = post(port, KNOWLEDGE_BASES, body, **kind)
        assert status == 413
        assert "1 MB" in answer["error"]["message"]


def test_twenty_megabytes_of_json_get_a_sentence(port):
    for body in (b" " * 20 * 2**20, megabytes(20)):
        status, answer = post(port, ANSWER, body, **{"Content-Type": "application/json"})
        assert status == 413
        assert "256 KB" in answer["error"]["message"]


def test_many_callers_at_once_over_sockets(port):
    body = json.dumps({"question": "Where is my parcel right now?"})

    def ask(_):
        return post(port, ANSWER, body, **{"Content-Type": "application/json"})

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(160)))

    assert {status for status, _ in answers} == {200}
    assert len({answer["passages"][0]["entry_id"] for _, answer in answers}) == 1


def test_what_a_server_writes_into_the_peer_is_not_believed(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/models/fake-en/load", headers={"X-Forwarded-For": "127.0.0.1"})
    status = connection.getresponse().status
    connection.close()

    assert status == 403


def test_a_request_that_was_given_up_keeps_its_place_until_its_work_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_CONCURRENT", 1)
    monkeypatch.setattr(calls, "GRACE_S", 0)
    place = fake_showcase(tmp_path, deadline_s=0.05)
    running = Calls(place)
    may_end = threading.Event()

    async def ask_twice():
        with pytest.raises(DeadlineError):
            await running.run(VISITOR, "slow", lambda _: may_end.wait(), receive=nothing_more)
        with pytest.raises(OverloadedError):
            await running.run(VISITOR, "slow", lambda _: None, receive=nothing_more)

    asyncio.run(ask_twice())
    may_end.set()
    running.close()

    with place.limits.admitted("someone"):
        pass
