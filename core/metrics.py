"""What the operator watches: requests, latencies, batches, in Prometheus's format and as a table."""

import math
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from core.errors import DemoError

# Latencies kept per action for the percentiles on the operations page.
RECENT = 2000


@dataclass(frozen=True)
class ActionStatus:
    """How one action of one front door has gone: counts since the start, nearest-rank percentiles of late."""

    action: str
    front: str
    requests: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Metrics:
    """Counts and times; every method may be called from any thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ["front", "action", "outcome"]
        self._requests = self._counter(
            "vitrine_requests", "Requests by front door, action and outcome", labels
        )
        self._seconds = self._histogram("vitrine_request_seconds", "Time of a request", labels[:2])
        self._batches = self._histogram("vitrine_batch_seconds", "Time of a batch", ["model_id"])
        self._items = self._counter("vitrine_batch_items", "Items answered in batches", ["model_id"])
        self._waits = self._histogram(
            "vitrine_queue_seconds", "Longest wait in a batch's queue", ["model_id"]
        )
        self._recent: dict[tuple[str, str], deque[float]] = {}
        self._counts: dict[tuple[str, str], list[int]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def timed(self, front: str, action: str) -> Iterator[None]:
        """Time one request; a DemoError counts as refused, any other Exception as an error.

        What is raised beside them (a page that is run again, a closed connection) means that the caller left.
        """
        started_s = time.perf_counter()
        outcome = None
        try:
            yield
            outcome = "ok"
        finally:
            outcome = outcome or _outcome(sys.exception())
            self._record(front, action, outcome, time.perf_counter() - started_s)

    def observe_batch(self, model_id: str, size: int, waited_s: float, ran_s: float) -> None:
        self._items.labels(model_id).inc(size)
        self._batches.labels(model_id).observe(ran_s)
        self._waits.labels(model_id).observe(waited_s)

    def actions(self) -> list[ActionStatus]:
        with self._lock:
            recent = {key: list(times) for key, times in self._recent.items()}
            counts = {key: tuple(count) for key, count in self._counts.items()}
        return [_status(key, counts[key], times) for key, times in sorted(recent.items())]

    def exposition(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)

    def _record(self, front: str, action: str, outcome: str, elapsed_s: float) -> None:
        self._requests.labels(front, action, outcome).inc()
        self._seconds.labels(front, action).observe(elapsed_s)
        with self._lock:
            self._recent.setdefault((front, action), deque(maxlen=RECENT)).append(1000 * elapsed_s)
            count = self._counts.setdefault((front, action), [0, 0])
            count[0] += 1
            count[1] += outcome == "error"

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, labels: list[str]) -> Histogram:
        return Histogram(name, text, labels, registry=self._registry)


def _outcome(raised: BaseException | None) -> str:
    if isinstance(raised, DemoError):
        return raised.code
    return "error" if isinstance(raised, Exception) else "left"


def _status(key: tuple[str, str], counts: tuple[int, ...], times_ms: list[float]) -> ActionStatus:
    ordered = sorted(times_ms)
    p50, p95, p99 = (ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.95, 0.99))
    return ActionStatus(key[1], key[0], counts[0], counts[1], p50, p95, p99)
