"""One thread that owns a model and answers whatever has queued up, batch by batch; knows no model."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any

from core.errors import N_, InferenceError, OverloadedError

# Patience after a batch of more than one: less than one inference takes, so nobody waits for it in vain.
BATCH_TIMEOUT_S = 0.005


@dataclass
class _Request:
    item: Any
    future: Future = field(default_factory=Future)
    arrived_s: float = field(default_factory=time.monotonic)


class MicroBatcher:
    """Merge the items of many callers into batches for `predict(items) -> results`, one result per item.

    A lone caller waits for nobody: a batch is what queued up while the last one ran. Each caller gets its own
    result or its own exception; a failed batch is tried again item by item, so that a bad input fails alone.
    Background items (indexing) are taken only while nobody else waits.
    """

    def __init__(
        self,
        predict: Callable[[list], list],
        *,
        max_batch_size: int = 32,
        max_queue_size: int = 256,
        observe: Callable[[int, float, float], None] = lambda size, waited_s, ran_s: None,
        name: str = "batcher",
    ) -> None:
        self._predict = predict
        self._max_batch_size = max_batch_size
        self._max_queue_size = max_queue_size
        self._observe = observe
        self._urgent: deque[_Request] = deque()
        self._background: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._item_s = 0.01  # running mean of the time per item, for the estimate
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def queue_size(self) -> int:
        return len(self._urgent) + len(self._background)

    def submit(self, item: Any, *, background: bool = False) -> Future:
        """Queue one item; background items wait for room. Raises OverloadedError if full, CancelledError if closed."""
        request = _Request(item)
        queue = self._background if background else self._urgent
        with self._changed:
            if background:
                self._changed.wait_for(lambda: len(queue) < self._max_queue_size or self._closed)
            if self._closed:
                raise CancelledError
            if len(queue) >= self._max_queue_size:
                raise self._overloaded(len(queue))
            queue.append(request)
            self._changed.notify_all()
        return request.future

    def close(self) -> None:
        """Let the batch that runs come to its end, cancel what waits, and end the thread."""
        with self._changed:
            self._closed = True
            for request in (*self._urgent, *self._background):
                request.future.cancel()
            self._changed.notify_all()
        self._thread.join()

    def _overloaded(self, waiting: int) -> OverloadedError:
        message = N_("{waiting} requests are waiting already. Try again in about {seconds} s.")
        return OverloadedError(message, waiting=waiting, seconds=max(1, round(waiting * self._item_s)))

    def _run(self) -> None:
        size = 1
        while batch := self._next_batch(linger=size > 1):
            size = len(batch)
            self._answer(batch)

    def _next_batch(self, *, linger: bool) -> list[_Request]:
        with self._changed:
            self._changed.wait_for(lambda: self._urgent or self._background or self._closed)
            if linger and self._urgent:
                self._changed.wait_for(lambda: len(self._urgent) >= self._max_batch_size, BATCH_TIMEOUT_S)
            queue = self._urgent or self._background
            batch = [queue.popleft() for _ in range(min(len(queue), self._max_batch_size))]
            self._changed.notify_all()
        return batch

    def _answer(self, batch: list[_Request]) -> None:
        batch = [request for request in batch if request.future.set_running_or_notify_cancel()]
        if not batch:
            return
        started_s = time.monotonic()
        try:
            results = self._checked([request.item for request in batch])
        except Exception as error:
            self._fail(batch, error)
        else:
            for request, result in zip(batch, results, strict=True):
                request.future.set_result(result)
        ran_s = time.monotonic() - started_s
        self._item_s += 0.1 * (ran_s / len(batch) - self._item_s)
        self._observe(len(batch), started_s - batch[0].arrived_s, ran_s)

    def _checked(self, items: list) -> list:
        results = self._predict(items)
        if len(results) != len(items):
            message = N_("The model gave {results} results for {items} inputs. Report this, please.")
            raise InferenceError(message, results=len(results), items=len(items))
        return results

    def _fail(self, batch: list[_Request], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].future.set_exception(error)
            return
        for request in batch:
            try:
                request.future.set_result(self._checked([request.item])[0])
            except Exception as own_error:
                request.future.set_exception(own_error)
