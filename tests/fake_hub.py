"""A model hub on loopback, good for what our downloads ask: `root/<org>/<name>/` are its repositories.

It answers the API's repository, tree and file routes as the real one does (headers and error codes included)
and fails on request. Not there: Xet, uploads, pagination.
"""

import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

TOKEN = "hf_test"
CHUNK = 16 * 1024


@dataclass
class Fault:
    """What goes wrong with requests whose path ends with `path`, the next `times` times."""

    path: str
    times: int = 1
    method: str = "GET"
    status: int | None = None
    cut_after: int | None = None
    """Close the connection after so many bytes of the body."""
    reset_after: int | None = None
    """The same, with a TCP reset."""
    hold_after: int | None = None
    """Send so many bytes, then nothing until the hub's `release` is set; 0 holds the headers as well."""
    short: int = 0
    """Lack the last bytes, and say so in Content-Length."""
    is_corrupt: bool = False


@dataclass
class FakeHub:
    root: Path
    redirects: bool = False
    """Send weights from another host name, as the real hub does from its CDN."""
    log: list[tuple[str, str, int, str | None]] = field(default_factory=list)
    """(method, path, status, Range) of every answer."""
    faults: list[Fault] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "FakeHub":
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault(self, path: str, **what: object) -> None:
        self.faults.append(Fault(path, **what))

    def take_fault(self, path: str, method: str) -> Fault:
        for fault in self.faults:
            if fault.times and fault.method == method and path.endswith(fault.path):
                fault.times -= 1
                return fault
        return Fault(path)

    def fetched(self, name: str) -> int:
        """How often the body of a file was asked for."""
        return sum(method == "GET" and path.endswith(name) for method, path, _status, _range in self.log)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: object, _client: object) -> None:
        """A client that hangs up is part of the tests."""


class _File:
    """One file with the hashes that the hub publishes for it."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self.data = name, path.read_bytes()
        self.is_large = path.suffix in (".safetensors", ".bin")
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\n"
        blob = pointer.encode() if self.is_large else self.data
        self.oid = hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()

    def as_json(self) -> dict:
        entry = {"type": "file", "path": self.name, "size": len(self.data), "oid": self.oid}
        large = {"oid": self.sha256, "size": len(self.data), "pointerSize": 134}
        return entry | ({"lfs": large} if self.is_large else {})


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"
    _API = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(/(?P<verb>revision|tree)/(?P<revision>[^/]+))?")
    _FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        fault = self.hub.take_fault(path, self.command)
        if fault.hold_after == 0:
            self.hub.release.wait()
            self.close_connection = True
        elif fault.status:
            self._refuse(fault.status, "")
        elif match := self._API.fullmatch(path):
            self._answer_api(**match.groupdict())
        elif match := self._FILE.fullmatch(path):
            self._answer_file(**match.groupdict(), fault=fault)
        else:
            self._send(200 if path == "/" else 404)

    do_HEAD = do_GET

    def _files(self, repo: str) -> dict[str, _File]:
        folder = self.hub.root / repo
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".gated")
        return {name: _File(path, name) for path in paths for name in [path.relative_to(folder).as_posix()]}

    def _open(self, repo: str, revision: str | None) -> tuple[str, dict[str, _File]] | None:
        """The commit and the files of a repository, or None once it was refused."""
        files = self._files(repo)
        commit = hashlib.sha1("".join(file.oid for file in files.values()).encode()).hexdigest()
        if not files:  # the real hub does not tell strangers whether a repository exists
            return self._refuse(401, "RepoNotFound")
        if revision not in (None, "main", commit):
            return self._refuse(404, "RevisionNotFound")
        return commit, files

    def _is_refused(self, repo: str) -> bool:
        is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if (self.hub.root / repo / ".gated").exists() and not is_known:
            self._refuse(403, "GatedRepo")
            return True
        return False

    def _answer_api(self, repo: str, verb: str | None, revision: str | None) -> None:
        if (opened := self._open(repo, revision)) is None:
            return
        commit, files = opened
        if verb == "tree" and not self._is_refused(repo):
            self._send_json([file.as_json() for file in files.values()])
        elif verb != "tree":
            siblings = [{"rfilename": name} for name in files]
            self._send_json({"id": repo, "sha": commit, "private": False, "tags": [], "siblings": siblings})

    def _answer_file(self, repo: str, revision: str, name: str, fault: Fault) -> None:
        if (opened := self._open(repo, revision)) is None or self._is_refused(repo):
            return
        commit, files = opened
        file = files[name]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{file.oid}"', "Accept-Ranges": "bytes"}
        if file.is_large:
            headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": len(file.data)}
        if file.is_large and self.hub.redirects and "localhost" not in self.headers["Host"]:
            self._send(302, **headers, Location=f"http://localhost:{self.hub.port}{self.path}")
        else:
            self._send_body(_spoilt(file.data, fault), headers, fault)

    def _send_body(self, data: bytes, headers: dict[str, object], fault: Fault) -> None:
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        first = int(start[1]) if start else 0
        if start:
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        self._begin(206 if start else 200, len(data) - first, headers)
        if self.command == "HEAD":
            return
        stops = (fault.cut_after, fault.reset_after, fault.hold_after)
        stop = next((stop for stop in stops if stop is not None), None)
        for chunk in _chunks(data[first:stop]):
            self.wfile.write(chunk)
        if stop is not None:
            self._break_off(fault)

    def _break_off(self, fault: Fault) -> None:
        self.close_connection = True
        if fault.hold_after is not None:
            self.hub.release.wait()
        elif fault.reset_after is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _begin(self, status: int, length: int, headers: dict[str, object]) -> None:
        self.hub.log.append((self.command, self.path, status, self.headers.get("Range")))
        self.send_response(status)
        for name, value in (headers | {"Content-Length": length}).items():
            self.send_header(name, str(value))
        self.end_headers()

    def _send(self, status: int, body: bytes = b"", **headers: object) -> None:
        self._begin(status, len(body), headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), **{"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, b"<html>no JSON</html>", **{"X-Error-Code": code, "X-Error-Message": "refused"})

    def log_message(self, *_arguments: object) -> None:
        pass


def _spoilt(data: bytes, fault: Fault) -> bytes:
    if fault.is_corrupt:
        middle = len(data) // 2
        data = data[:middle] + bytes(byte ^ 255 for byte in data[middle : middle + 64]) + data[middle + 64 :]
    return data[: len(data) - fault.short]


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[first : first + CHUNK] for first in range(0, len(data), CHUNK))
