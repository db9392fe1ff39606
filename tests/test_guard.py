import asyncio
from contextlib import ExitStack, contextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from api import bodies, hosts
from api.guard import SMALL_BODY_BYTES, Guard
from core.settings import Settings

UPLOAD = "/_stcore/upload_file/session/file"
STREAM = "ws://localhost/_stcore/stream"
CHUNK = b"x" * 64 * 1024


async def echo(request: Request) -> JSONResponse:
    size = sum([len(chunk) async for chunk in request.stream()])
    return JSONResponse({"size": size, "headers": dict(request.headers)})


async def policy(request: Request) -> PlainTextResponse:
    return PlainTextResponse("own", headers={"Content-Security-Policy": "default-src 'self'"})


async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json(dict(websocket.headers))
    with suppress(WebSocketDisconnect):
        await websocket.receive_text()
        await websocket.close()


def guarded(**settings):
    routes = [
        WebSocketRoute("/_stcore/stream", stream),
        Route("/policy", policy),
        Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, settings=Settings(**settings))])


def client_of(*, host="http://localhost", peer="127.0.0.1", **settings):
    return TestClient(guarded(**settings), base_url=host, client=(peer, 50000))


def seen_by_app(client, headers=()):
    return client.get("/page", headers=dict(headers)).json()["headers"]


# --- bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/customer-service/answer", "/api/feedback", "/anything", "/_stcore/x"])
def test_a_body_over_the_small_bound_is_refused_by_its_declared_length(path):
    response = client_of().post(path, content=b"x" * (SMALL_BODY_BYTES + 1))

    assert response.status_code == 413
    assert "256 KB" in response.text


def test_a_body_of_exactly_the_bound_passes():
    assert (
        client_of().post("/api/feedback", content=b"x" * SMALL_BODY_BYTES).json()["size"] == SMALL_BODY_BYTES
    )


@pytest.mark.parametrize("path", [UPLOAD, "/api/customer-service/knowledge-bases"])
def test_uploads_have_the_bound_of_the_settings(path):
    client = client_of(max_request_mb=0.5)

    assert client.put(path, content=b"x" * 500_000).json()["size"] == 500_000
    refused = client.put(path, content=b"x" * 600_000)
    assert refused.status_code == 413
    assert "0.5 MB" in refused.text


def test_twenty_megabytes_of_json_are_refused_with_a_json_sentence():
    response = client_of().post("/api/customer-service/answer", content=b" " * 20 * 2**20)

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "input_too_large"
    assert response.headers["content-type"] == "application/json"


def test_a_chunked_body_without_a_length_is_bounded_too():
    response = client_of().post("/api/feedback", content=(CHUNK for _ in range(8)))

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "input_too_large"


def test_a_chunked_body_within_the_bound_passes():
    response = client_of().post("/api/feedback", content=(CHUNK for _ in range(3)))

    assert response.json()["size"] == 3 * len(CHUNK)


def test_the_guard_hands_on_each_chunk_as_it_comes():
    received = []

    async def app(scope, receive, send):
        received.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive():
        return {"type": "http.request", "body": b"first", "more_body": True}

    async def send(message):
        pass

    asyncio.run(Guard(app, settings=Settings())(http_scope("POST"), receive, send))

    assert received == [{"type": "http.request", "body": b"first", "more_body": True}]


def test_who_asks_before_sending_is_answered_without_being_read():
    sent = []

    async def receive():
        raise AssertionError("nothing is to be read")

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-length", b"99999999"), (b"expect", b"100-continue")]
    asyncio.run(Guard(None, settings=Settings())(http_scope("POST", headers), receive, send))

    assert sent[0]["status"] == 413


def test_a_length_that_is_no_number_is_refused():
    response = client_of().post("/api/feedback", headers={"content-length": "-5"}, content=b"")

    assert response.status_code == 400


def http_scope(method, headers=()):
    base = {"type": "http", "path": "/api/feedback", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80)}
    return {**base, "method": method, "headers": list(headers)}


# --- all uploads together -----------------------------------------------------------------------------------------


ONE_MB = Settings(max_request_mb=1, max_arriving_mb=1)


class Upload:
    """One upload of 600 KB to a guard, handed over piece by piece; the app waits until it is let go."""

    def __init__(self, guard, path=UPLOAD, *, is_declared=True):
        self.status, self.headers, self.said = 0, {}, b""
        self.messages = asyncio.Queue()
        length = [(b"content-length", b"600000")] if is_declared else []
        scope = http_scope("POST", [(b"host", b"localhost"), *length]) | {"path": path}
        self.task = asyncio.ensure_future(guard(scope, self.messages.get, self._send))

    def give(self, count, *, more_body=True):
        self.messages.put_nowait({"type": "http.request", "body": b"x" * count, "more_body": more_body})

    def leave(self):
        self.messages.put_nowait({"type": "http.disconnect"})

    async def sent_whole(self):
        self.give(600_000, more_body=False)
        await self.task
        return self.status

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.headers |= dict(message.get("headers", ()))
        self.said += message.get("body", b"")


def small_guard(app=None):
    return Guard(app or Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])]), settings=ONE_MB)


@pytest.mark.parametrize("path", [UPLOAD, "/api/images/classify", "/api/triage/studies"])
@pytest.mark.parametrize("is_declared", [True, False])
def test_uploads_that_do_not_fit_beside_those_under_way_are_refused(path, is_declared, monkeypatch):
    monkeypatch.setattr(bodies, "DRAIN_S", 0.0)

    async def three_uploads():
        guard = small_guard()
        first = Upload(guard, is_declared=is_declared)
        first.give(500_000)
        await until_idle()
        second = Upload(guard, path, is_declared=is_declared)
        second.give(600_000)
        await second.task
        first.give(100_000, more_body=False)
        await first.task
        return first, second, await Upload(guard, path, is_declared=is_declared).sent_whole()

    first, second, third_status = asyncio.run(three_uploads())

    assert (first.status, second.status, third_status) == (200, 503, 200)
    assert second.headers[b"retry-after"] == b"5"
    assert b"at most 1 MB of uploads at once" in second.said


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_caller_who_leaves_gives_the_room_back(is_declared):
    async def left_and_followed():
        guard = small_guard()
        first = Upload(guard, is_declared=is_declared)
        first.give(500_000)
        first.leave()
        await asyncio.wait([first.task])
        return first.task.exception(), await Upload(guard).sent_whole()

    error, status = asyncio.run(left_and_followed())

    assert isinstance(error, ClientDisconnect)
    assert status == 200


def test_an_upload_holds_its_room_until_it_is_answered_and_a_failing_app_gives_it_back():
    async def failing(scope, receive, send):
        await receive()
        await may_fail.wait()
        raise RuntimeError("broken")

    async def two_uploads():
        guard = small_guard(failing)
        first = Upload(guard)
        first.give(600_000, more_body=False)
        await until_idle()
        held = guard._arriving.held_bytes
        may_fail.set()
        await asyncio.wait([first.task])
        return held, guard._arriving.held_bytes, first.task.exception()

    may_fail = asyncio.Event()
    held, left, error = asyncio.run(two_uploads())

    assert (held, left) == (600_000, 0)
    assert str(error) == "broken"


def test_an_upload_that_stalls_is_ended_and_gives_its_room_back(monkeypatch):
    monkeypatch.setattr(bodies, "STALL_S", 0.0)

    async def stalled():
        guard = small_guard()
        upload = Upload(guard)
        await upload.task
        return upload, guard._arriving.held_bytes

    upload, left = asyncio.run(stalled())

    assert (upload.status, left) == (408, 0)


def test_small_requests_need_none_of_the_room():
    async def beside_an_upload():
        guard = small_guard()
        upload = Upload(guard)
        await until_idle()
        small = Upload(guard, "/api/feedback", is_declared=False)
        small.give(200_000, more_body=False)
        await small.task
        upload.leave()
        await asyncio.wait([upload.task])
        return small.status, upload.task.exception()

    status, error = asyncio.run(beside_an_upload())

    assert status == 200
    assert isinstance(error, ClientDisconnect)


def test_one_upload_fits_however_large_it_may_be():
    guard = Guard(None, settings=Settings(max_request_mb=2, max_arriving_mb=1))

    assert guard._arriving.take(2 * 2**20) is None


async def until_idle():
    """Let every task go as far as it gets by itself."""
    for _turn in range(20):
        await asyncio.sleep(0)


# --- host and origin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.20:8501", "vitrine.localhost"],
)
def test_this_machine_and_addresses_are_served(host):
    assert client_of().get("/page", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "user@localhost", "a b"]
)
def test_foreign_names_are_refused(host):
    response = client_of().get("/api/health/live", headers={"host": host})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "foreign_host"
    assert "VITRINE_ALLOWED_HOSTS" in response.json()["error"]["message"]


def test_allowed_names_are_served_with_and_without_a_wildcard():
    client = client_of(allowed_hosts=("demo.example.com", "*.showcase.example"))

    answers = {
        host: client.get("/page", headers={"host": host}).status_code
        for host in ("demo.example.com", "DEMO.example.com:443", "a.showcase.example", "showcase.example")
    }

    assert list(answers.values()) == [200, 200, 200, 400]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:3000", "null", "https://localhost:80", "x"]
)
def test_pages_of_other_origins_may_not_write(method, origin):
    response = client_of().request(method, "/api/feedback", headers={"origin": origin})

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "foreign_origin"


def test_the_own_page_may_write_and_a_foreign_one_may_only_read():
    client = client_of()

    assert client.post("/api/feedback", headers={"origin": "http://localhost"}).status_code == 200
    assert client.get("/page", headers={"origin": "http://evil.example"}).status_code == 200


def test_an_allowed_site_may_write():
    client = client_of(allowed_hosts=("shop.example",))

    assert client.post("/api/feedback", headers={"origin": "https://shop.example"}).status_code == 200


def test_the_default_port_may_be_left_out():
    assert hosts.is_own_origin("https://demo.example.com", "demo.example.com:443", ())
    assert not hosts.is_own_origin("https://demo.example.com", "demo.example.com:8443", ())
    assert not hosts.is_own_origin("https://demo.example.com:99999", "demo.example.com", ())


def test_a_refusal_of_a_page_is_a_plain_sentence_in_the_callers_language():
    response = client_of().get("/", headers={"host": "evil.example", "accept-language": "fr, en;q=0.5"})

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("This server does not answer to the name evil.example.")


# --- websockets -------------------------------------------------------------------------------------------------


def test_a_websocket_of_a_foreign_origin_is_refused_with_its_status():
    client = client_of()
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect(STREAM, headers={"origin": "http://evil.example"}),
    ):
        pass

    assert refused.value.status_code == 403


def test_a_server_without_the_extension_closes_the_websocket():
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "client": ("127.0.0.1", 5),
        "headers": [(b"host", b"evil.example")],
    }
    asyncio.run(Guard(None, settings=Settings())(scope, receive, send))

    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_no_more_sessions_than_the_settings_say_and_a_place_becomes_free_again():
    with client_of(max_sessions=1) as client:
        with client.websocket_connect(STREAM) as first:
            first.receive_json()
            with (
                pytest.raises(WebSocketDenialResponse) as refused,
                client.websocket_connect(STREAM),
            ):
                pass
            assert refused.value.status_code == 503
            first.send_text("bye")
            with pytest.raises(WebSocketDisconnect):
                first.receive_text()
        with client.websocket_connect(STREAM) as second:
            assert second.receive_json()["x-vitrine-local"] == "1"
            second.send_text("bye")


@contextmanager
def sessions_from(app, *peers):
    """One open session of each of these addresses."""
    with ExitStack() as stack:
        for peer in peers:
            client = TestClient(app, base_url="http://localhost", client=(peer, 50000))
            stack.enter_context(client.websocket_connect(STREAM)).receive_json()
        yield


def refusal_of(app, peer):
    """The status and sentence with which one more session is refused, None where it is not."""
    client = TestClient(app, base_url="http://localhost", client=(peer, 50000))
    try:
        with client.websocket_connect(STREAM):
            return None
    except WebSocketDenialResponse as refused:
        return refused.status_code, refused.text


def test_one_address_leaves_half_of_the_sessions_to_others():
    app = guarded(max_sessions=6)

    with sessions_from(app, *["203.0.113.7"] * 3):
        status, sentence = refusal_of(app, "203.0.113.7")
        assert refusal_of(app, "203.0.113.8") is None
    assert status == 429
    assert sentence.startswith("3 visitors from your network are here already")
    assert refusal_of(app, "203.0.113.7") is None


def test_however_many_addresses_are_greedy_there_is_room_for_one_who_comes_later():
    app, greedy = guarded(max_sessions=12), ["203.0.113.1", "203.0.113.2", "203.0.113.3"]

    with sessions_from(app, *greedy * 3):
        assert {refusal_of(app, peer)[0] for peer in greedy} == {429}
        assert refusal_of(app, "198.51.100.9") is None


def test_the_sessions_of_an_ipv6_network_count_together():
    app = guarded(max_sessions=2)

    with sessions_from(app, "2001:db8::1"):
        assert refusal_of(app, "2001:db8::2")[0] == 429
        assert refusal_of(app, "2001:db8:0:1::1") is None


def test_one_address_has_all_sessions_where_callers_have_no_rate():
    app = guarded(max_sessions=3, rate_limit_per_min=None)

    with sessions_from(app, *["127.0.0.1"] * 3):
        status, sentence = refusal_of(app, "127.0.0.1")

    assert (status, sentence) == (
        503,
        "3 visitors are here already, as many as this server takes. Try again later.",
    )


# --- who is asking ----------------------------------------------------------------------------------------------


def test_the_headers_that_only_we_write_are_taken_from_callers():
    faked = {"x-vitrine-local": "1", "X-Vitrine-Client": "9.9.9.9", "x-vitrine-operator": "1"}

    seen = seen_by_app(client_of(peer="203.0.113.7"), faked)

    assert seen["x-vitrine-client"] == "203.0.113.7"
    assert "x-vitrine-local" not in seen
    assert "x-vitrine-operator" not in seen


def test_a_visitor_at_this_machine_is_local():
    assert seen_by_app(client_of())["x-vitrine-local"] == "1"


@pytest.mark.parametrize(
    ("host", "peer", "headers"),
    [
        ("http://localhost", "203.0.113.7", {}),
        ("http://192.168.1.20", "127.0.0.1", {}),
        ("http://localhost", "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
        ("http://localhost", "127.0.0.1", {"forwarded": "for=127.0.0.1"}),
        ("http://localhost", "127.0.0.1", {"x-forwarded-proto": "https"}),
        ("http://localhost", "127.0.0.1", {"via": "1.1 proxy"}),
        ("http://localhost", "127.0.0.1", {"host": "127.0.0.1.nip.example"}),
    ],
)
def test_nobody_else_is_local(host, peer, headers):
    client = client_of(host=host, peer=peer, allowed_hosts=("*.nip.example",))

    assert "x-vitrine-local" not in seen_by_app(client, headers)


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ((), "203.0.113.7", "1.1.1.1", "203.0.113.7"),
        (("10.0.0.0/8",), "10.0.0.2", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        (("10.0.0.0/8",), "10.0.0.2", "1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        (("10.0.0.2",), "10.0.0.3", "1.1.1.1", "10.0.0.3"),
        (("10.0.0.2",), "10.0.0.2", "1.1.1.1, nonsense", "10.0.0.2"),
        (("10.0.0.2",), "10.0.0.2", "203.0.113.7:4711", "203.0.113.7"),
        (("10.0.0.2",), "10.0.0.2", "[2001:db8::1]:4711", "2001:db8::1"),
        (("10.0.0.2",), "::ffff:10.0.0.2", "203.0.113.7", "203.0.113.7"),
        (("127.0.0.1",), "127.0.0.1", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_the_address_is_the_last_one_that_a_trusted_proxy_saw(trusted, peer, forwarded, address):
    client = client_of(peer=peer, trusted_proxies=trusted)

    assert seen_by_app(client, {"x-forwarded-for": forwarded})["x-vitrine-client"] == address


def test_an_address_that_the_server_took_from_a_header_is_not_believed():
    # What uvicorn makes of "X-Forwarded-For: 6.6.6.6" from a loopback peer.
    client = TestClient(guarded(), base_url="http://localhost", client=("6.6.6.6", 0))

    assert seen_by_app(client, {"x-forwarded-for": "6.6.6.6"})["x-vitrine-client"] == "127.0.0.1"


def test_a_wrong_proxy_setting_stops_the_start():
    with pytest.raises(ValueError, match="nonsense"):
        Guard(None, settings=Settings(trusted_proxies=("nonsense",)))


# --- headers ----------------------------------------------------------------------------------------------------


def test_every_answer_carries_its_id_and_the_security_headers():
    client = client_of()
    answers = [client.get("/page"), client.get("/page"), client.get("/", headers={"host": "evil.example"})]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


def test_a_page_keeps_the_policy_it_has_set_itself():
    assert client_of().get("/policy").headers["content-security-policy"] == "default-src 'self'"


def test_api_requests_are_logged_once_with_status_and_client(caplog):
    with caplog.at_level("INFO", logger="vitrine.access"):
        client = client_of()
        client.post("/api/feedback", content=b"{}")
        client.get("/api/health/live")
        client.get("/page")

    lines = [(record.path, record.status, record.client) for record in caplog.records]
    assert lines == [("/api/feedback", 200, "127.0.0.1")]
