"""One thread that asks a model for whatever has queued up, batch by batch; knows no model."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from core import visits
from core.computing import Compute, at_once
from core.errors import N_, InferenceError
from core.visits import Waiting
from core.waiting_line import Request, WaitingLine

# Patience after a batch for more than one visit: less than one inference takes, so nobody waits for it in vain.
BATCH_TIMEOUT_S = 0.005


class MicroBatcher:
    """Merge the items of many callers into batches for `predict(items) -> results`, one result per item.

    A lone caller waits for nobody: a batch is what queued up while the last one ran. Callers take turns: each
    batch has an item of everyone who waits, and one of those who ask for much fills it up. Each caller gets its own
    result or its own exception; a failed batch is tried again item by item, so that a bad input fails alone.
    Background items (indexing) are taken only while nobody else waits.
    """

    def __init__(
        self,
        predict: Callable[[list], list],
        *,
        compute: Compute = at_once,
        max_batch_size: int = 32,
        max_queue_size: int = 256,
        observe: Callable[[int, float, float], None] = lambda size, waited_s, ran_s: None,
        name: str = "batcher",
    ) -> None:
        self._predict = predict
        self._compute = compute
        self._max_batch_size = max_batch_size
        self._observe = observe
        self._line = WaitingLine(max_queue_size, answer_s=0.01)
        self._running: list[Request] = []
        self._started_s = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def queue_size(self) -> int:
        return self._line.size

    def submit(self, item: Any, *, background: bool = False) -> Future:
        """Queue one item; background items wait for room. Raises OverloadedError if full, CancelledError if closed."""
        request = Request(item)
        self._line.add(request, background=background)
        return request

    def waiting(self) -> Waiting:
        """Where the caller of now stands, and how long it is until the last of their items is answered."""
        caller, running = visits.current().caller, self._running
        queued, ahead = self._line.standing(caller)
        left_s = len(running) * self._line.turn_s - (time.monotonic() - self._started_s)
        # Whoever is ahead or not, the batch that answers them takes its time as a whole.
        turns = max(ahead + max(1, queued), min(self._line.size, self._max_batch_size))
        seconds = max(0.0, left_s if running else 0.0) + turns * self._line.turn_s
        return Waiting(queued, ahead + sum(request.caller != caller for request in running), seconds)

    def close(self) -> None:
        """Let the batch that runs come to its end, cancel what waits, and end the thread."""
        self._line.close()
        self._thread.join()

    def _run(self) -> None:
        visits_together, batch = 0, []
        try:
            while (batch := self._next_batch(linger=visits_together > 1)) is not None:
                visits_together = len({request.visit for request in batch})
                # The callers hear where it was computed: one change of threads less.
                self._compute(self._answer, batch)
        finally:
            # Nobody waits for a thread that is no more, as where those that compute ended first.
            self._line.close()
            for request in batch or ():
                request.cancel()

    def _next_batch(self, *, linger: bool) -> list[Request] | None:
        linger_s = BATCH_TIMEOUT_S if linger else 0.0
        return self._line.take(self._max_batch_size, wait=True, linger_s=linger_s)

    def _answer(self, batch: list[Request]) -> None:
        batch = [request for request in batch if request.set_running_or_notify_cancel()]
        if not batch:
            return
        self._started_s, self._running = time.monotonic(), batch
        outcomes = outcomes_of(self._predict, [request.item for request in batch])
        for request, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                request.set_exception(outcome)
            else:
                request.set_result(outcome)
        ran_s, self._running = time.monotonic() - self._started_s, []
        self._line.learn(ran_s / len(batch))
        self._observe(len(batch), self._started_s - min(request.arrived_s for request in batch), ran_s)


def outcomes_of(predict: Callable[[list], list], items: list) -> Iterator[Any]:
    """A result or an exception for each item, as they come.

    A batch that fails is tried again item by item, so that a bad input fails alone.
    """
    try:
        results = counted(predict(items), items)
    except Exception as error:
        results = [error] if len(items) == 1 else None
    if results is not None:
        yield from results
        return
    for item in items:
        yield from outcomes_of(predict, [item])


def counted(results: list, items: list) -> list:
    """The results. Raises InferenceError unless there is one for each item."""
    if len(results) != len(items):
        message = N_("The model gave {results} results for {items} inputs. Report this, please.")
        raise InferenceError(message, results=len(results), items=len(items))
    return results
