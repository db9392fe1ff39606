"""One visitor's connection: requests on a keep-alive socket, answers whole or in pieces, timed."""

import http.client
import json
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

# uvicorn closes a connection that has been idle for 5 s.
IDLE_S = 4.0


class AskError(Exception):
    """The server did not answer as it should; the message is what it said."""


class RefusalError(AskError):
    """The server refused, and said so with a status and a code."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status} {body[:300].decode(errors='replace')}")
        self.status, self.code = status, _code(body)


@dataclass(frozen=True)
class Reply:
    """One answer: when its first text came, when it was whole, and how many characters it has."""

    first_s: float
    whole_s: float
    chars: int = 0


class Line:
    """A visitor's connection to one server; `cut` may be called from any thread, and ends what is under way."""

    def __init__(self, url: str, *, visitor: int = 0, timeout_s: float = 300.0) -> None:
        """Each of `visitor` 0 to 249 comes from an address of their own, as callers share what the server gives."""
        source = (f"127.0.1.{visitor % 250 + 1}", 0) if sys.platform == "linux" else None
        self._connection = http.client.HTTPConnection(
            urlsplit(url).netloc, timeout=timeout_s, source_address=source
        )
        self._used_s = 0.0
        self.chars = 0
        """Of all the text that has arrived so far."""

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def cut(self) -> None:
        """Break the connection, as a visitor who leaves does."""
        if open_socket := self._connection.sock:
            with suppress(OSError):  # the other side may have gone first
                open_socket.shutdown(socket.SHUT_RDWR)

    def post(self, path: str, body: bytes, kind: str) -> http.client.HTTPResponse:
        """The response once its headers are here. Raises RefusalError when the status is not 200, OSError."""
        return self._sent("POST", path, body, {"Content-Type": kind})

    def get(self, path: str) -> http.client.HTTPResponse:
        return self._sent("GET", path, None, {})

    def post_json(self, path: str, body: dict) -> http.client.HTTPResponse:
        return self.post(path, json.dumps(body).encode(), "application/json")

    def post_file(self, path: str, content: bytes, *, field: str, name: str) -> http.client.HTTPResponse:
        """Send one file as a form does."""
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        kind = "Content-Type: application/octet-stream\r\n\r\n"
        body = f"{head}{kind}".encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.post(path, body, f"multipart/form-data; boundary={edge}")

    def _sent(self, method: str, path: str, body: bytes | None, headers: dict) -> http.client.HTTPResponse:
        if time.perf_counter() - self._used_s > IDLE_S:
            self._connection.close()  # the next request opens it again
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        self._used_s = time.perf_counter()
        if response.status not in (200, 202):
            raise RefusalError(response.status, response.read())
        return response


def events(response: http.client.HTTPResponse) -> Iterator[tuple[str, object]]:
    """The server-sent events of a response: (name, data)."""
    name = ""
    for line in response:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def _code(body: bytes) -> str:
    """The code of an error of Vitrine's API; "" for other bodies."""
    try:
        return json.loads(body)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return ""
