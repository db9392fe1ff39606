"""Questions to ask the customer-service API, and a caller that keeps its connection."""

import csv
import http.client
import json
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from benchmarks.servers import ROOT

FOLDER = ROOT / "assets" / "knowledge_bases"

# uvicorn closes a connection that has been idle for 5 s.
IDLE_S = 4.0


class RefusedError(Exception):
    """The API did not answer 200; the message is its status and body."""


@dataclass(frozen=True)
class Answered:
    """What came back for one question: enough to tell whether two answers are the same."""

    decision: str
    entry_ids: tuple[str, ...]
    scores: tuple[float, ...]
    elapsed_ms: float


def questions(language: str | None = None) -> list[str]:
    """The calibration questions, all or those of one language, each once."""
    with (FOLDER / "calibration.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if language in (None, row["language"])]
    return list(dict.fromkeys(row["question"] for row in rows))


class Caller:
    """One client of POST /api/customer-service/answer on a keep-alive connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._used_s = 0.0

    def __enter__(self) -> "Caller":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, question: str) -> Answered:
        """Raises RefusedError when the API refuses."""
        body = json.dumps({"question": question}).encode()
        if time.perf_counter() - self._used_s > IDLE_S:
            self._connection.close()  # the next request opens it again
        started_s = time.perf_counter()
        path = "/api/customer-service/answer"
        self._connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        received = response.read()
        self._used_s = time.perf_counter()
        elapsed_ms = (self._used_s - started_s) * 1000
        if response.status != 200:
            raise RefusedError(f"{response.status} {received.decode()[:300]}")
        reply = json.loads(received)
        passages = reply["passages"]
        return Answered(
            reply["decision"],
            tuple(passage["entry_id"] for passage in passages),
            tuple(passage["score"] for passage in passages),
            elapsed_ms,
        )
