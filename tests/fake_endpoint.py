"""An OpenAI-compatible endpoint on loopback: it lists models and streams words, and fails on request."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-vitrine-test-0123456789"
MODEL = "fake-model"
WAIT_S = 10


@dataclass
class Answer:
    """How one request is answered: a status alone, or words as server-sent events."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("Hello", " big", " world")
    finish_reason: str | None = "stop"
    dies_after: int | None = None
    """Close the connection after so many words, without an end."""
    holds_after: int | None = None
    """After so many words, wait until the endpoint's `release` is set."""
    error_after: int | None = None
    """After so many words, send an error as an event."""
    body: bytes | None = None
    """Send this instead of events."""
    message: str = "it is said"
    is_plain: bool = False
    """Tell errors as FastAPI does, not as OpenAI does."""
    counts_tokens: bool = True


class FakeEndpoint:
    """Answers in the order of `answers`, then as plain Answer(); `requests` are the bodies that came in."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[dict] = []
        self.tries = 0
        self.keys: list[str | None] = []
        self.models: tuple[str, ...] | None = (MODEL, "another")
        self.release = threading.Event()
        self.was_left = threading.Event()
        """The other side closed its connection before the answer's end."""
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"endpoint": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def next_answer(self) -> Answer:
        with self.lock:
            self.tries += 1
            return self.answers.pop(0) if self.answers else Answer()

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    endpoint: FakeEndpoint
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        self.endpoint.keys.append(self.headers["Authorization"])
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self._send(401, {"error": {"message": f"bad key {self.headers['Authorization']}"}})
        elif self.path != "/v1/models" or self.endpoint.models is None:
            self._send(404, {"error": {"message": "no such page"}})
        else:
            models = [{"id": name, "object": "model"} for name in self.endpoint.models]
            self._send(200, {"object": "list", "data": models})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.endpoint.next_answer()
        self.endpoint.requests.append(body)
        if answer.status != 200:
            words = f"{answer.message} {self.headers['Authorization']}"
            error = {"detail": words} if answer.is_plain else {"error": {"message": words}}
            self._send(answer.status, error, answer.headers)
            return
        try:
            self._stream(answer, body)
        except OSError:
            self.endpoint.was_left.set()
            self.close_connection = True

    def _send(self, status: int, value: dict, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, answer: Answer, body: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if answer.body is None else "text/html")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if answer.body is not None:
            self._write(answer.body)
            self._write(b"")
            return
        for number, word in enumerate(answer.words):
            if number == answer.holds_after:
                self._hold()
            if number == answer.dies_after:
                self.close_connection = True
                self.connection.close()
                return
            if number == answer.error_after:
                self._event({"error": {"message": f"the model broke, key {KEY}"}})
                self._write(b"")
                return
            self._event(_chunk(body, {"content": word}))
        self._event(_chunk(body, {}, answer.finish_reason))
        if answer.counts_tokens:
            usage = {"prompt_tokens": 5, "completion_tokens": 42, "total_tokens": 47}
            self._event({**_chunk(body, {}), "choices": [], "usage": usage})
        self._write(b"data: [DONE]\n\n")
        self._write(b"")

    def _hold(self) -> None:
        """Wait for the release; meanwhile, look whether the other side is still there."""
        self.connection.settimeout(0.02)
        while not self.endpoint.release.is_set():
            try:
                if self.connection.recv(1) == b"":
                    raise BrokenPipeError
            except TimeoutError:
                continue
        self.connection.settimeout(WAIT_S)

    def _event(self, value: dict) -> None:
        self._write(b"data: " + json.dumps(value).encode() + b"\n\n")

    def _write(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _chunk(body: dict, delta: dict, finish_reason: str | None = None) -> dict:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}
    return {**head, "choices": [choice]}
