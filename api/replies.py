"""Answers on their way out: the headers that each one gets, and refusals as JSON or as a plain sentence."""

import json
import logging
import time

from starlette.types import Message, Scope, Send

from api.failures import RETRY_AFTER_S, body_of, headers_of, status_of
from api.visitors import Visitor
from core.errors import DemoError

log = logging.getLogger("vitrine.access")

# Asked every few seconds by whoever watches us; logged only when they fail.
_QUIET = ("/api/health/", "/api/metrics")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
)
# Try again later; policy violation (https://www.iana.org/assignments/websocket).
_TRY_LATER, _NOT_ALLOWED = 1013, 1008


class Reply:
    """The `send` of one HTTP request: adds the headers that every answer has, and remembers the status."""

    def __init__(self, scope: Scope, send: Send, visitor: Visitor) -> None:
        self.status = 0
        self._scope = scope
        self._send = send
        self._visitor = visitor
        self._started_s = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = list(message.get("headers", ()))
            names = {name.lower() for name, _ in present}
            added = [header for header in _SECURITY_HEADERS if header[0] not in names]
            request_id = (b"x-request-id", self._visitor.request_id.encode())
            message = {**message, "headers": [*present, *added, request_id]}
        await self._send(message)

    async def refuse(self, refusal: DemoError, language: str) -> None:
        content, headers = _rendered(self._scope, refusal, language)
        # The rest of the body may still be on its way: what follows on this connection is no new request.
        headers = [*headers, (b"connection", b"close")]
        await self.send({"type": "http.response.start", "status": status_of(refusal), "headers": headers})
        await self.send({"type": "http.response.body", "body": content})

    def log(self) -> None:
        """One line per API request; pages make hundreds of requests for files."""
        path = self._scope["path"]
        if not is_api(path) or (path.startswith(_QUIET) and self.status < 400):
            return
        elapsed_ms = round(1000 * (time.perf_counter() - self._started_s), 2)
        about = {"method": self._scope["method"], "path": path, "status": self.status}
        log.info("request", extra={**about, "elapsed_ms": elapsed_ms, "client": self._visitor.address})


def is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


async def refuse_websocket(scope: Scope, send: Send, refusal: DemoError, language: str) -> None:
    """Refuse before the handshake, with a status where the server can send one."""
    status = status_of(refusal)
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send(
            {"type": "websocket.close", "code": _TRY_LATER if status in RETRY_AFTER_S else _NOT_ALLOWED}
        )
        return
    content, headers = _rendered(scope, refusal, language)
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": content})


def _rendered(scope: Scope, refusal: DemoError, language: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Content and headers: JSON for programs, one plain sentence for everything else."""
    body = body_of(refusal, language)
    for_programs = is_api(scope["path"])
    content = json.dumps(body, ensure_ascii=False) if for_programs else body["error"]["message"]
    kind = b"application/json" if for_programs else b"text/plain; charset=utf-8"
    encoded = content.encode()
    extra = [(name.lower().encode(), value.encode()) for name, value in headers_of(refusal).items()]
    return encoded, [(b"content-type", kind), (b"content-length", str(len(encoded)).encode()), *extra]
