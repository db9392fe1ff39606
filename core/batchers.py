"""Which batcher owns a model: whole answers in batches, answers that grow together, or answers from elsewhere."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any, Protocol

from core import visits
from core.batching import MicroBatcher
from core.computing import Compute
from core.errors import N_, DeadlineError, ModelLoadError, OverloadedError
from core.remote_calls import RemoteAnswerer, RemoteCalls
from core.remote_streams import RemoteStreams, RemoteWriter
from core.streaming import TICK_S, Stepper, Stream, StreamBatcher
from core.visits import Waiting

GONE = N_("The model was unloaded while you waited. Try again.")


class Batcher(Protocol):
    """What the pool asks of a model's thread. The future of a model that streams is a Stream."""

    @property
    def queue_size(self) -> int: ...

    def submit(self, item: Any, *, background: bool = False) -> Future: ...

    def waiting(self) -> Waiting: ...

    def close(self) -> None: ...


def batcher_for(
    engine: Any, *, compute: Compute, size: int, observe: Callable[[int, float, float], None], name: str
) -> Batcher:
    """The batcher that suits the engine; `size` items or rows are worked on at once."""
    if isinstance(engine, Stepper):
        return StreamBatcher(engine, compute=compute, max_rows=size, observe=observe, name=name)
    if isinstance(engine, RemoteWriter):
        return RemoteStreams(engine, max_rows=size, observe=observe, name=name)
    if isinstance(engine, RemoteAnswerer):
        return RemoteCalls(engine, observe=observe, name=name)
    return MicroBatcher(engine.predict, compute=compute, max_batch_size=size, observe=observe, name=name)


def answers_of(batcher: Batcher, items: list, *, timeout_s: float | None) -> Generator[str, None, list]:
    """The results for `items`, in order, returned; yields "" every TICK_S while they are waited for.

    Closing it gives up what is not answered yet. No `timeout_s` makes them background items, without a deadline.
    Raises OverloadedError, DeadlineError, ModelLoadError, or whatever the engine raised. All have `timeout_s`
    together, and what is left of the visit; an answer that streams has it from one piece to the next, as it may grow
    long. Where the line has no room for more of the caller's items, these go on as their first ones are answered.
    """
    futures: list[Future] = []
    results: list = []
    wait = _Wait(batcher, timeout_s)
    with _waiting_for(futures, timeout_s):
        wait.check()
        for item in items:
            while not _queued(batcher, item, futures, timeout_s, may_wait=len(results) < len(futures)):
                results.append((yield from wait.for_result(futures[len(results)])))
        for future in futures[len(results) :]:
            results.append((yield from wait.for_result(future)))
        wait.end()
        return results


def stream_of(batcher: Batcher, item: Any, *, timeout_s: float) -> Generator[str, None, Any]:
    """The pieces of one answer as they come, "" while there is none; the whole is returned. Raises as answers_of."""
    futures: list[Stream] = []
    with _waiting_for(futures, timeout_s):
        futures.append(batcher.submit(item))
        for piece in futures[0].pieces(timeout_s):
            visits.tell(batcher.waiting)
            yield piece
        return futures[0].result(0)


def _queued(
    batcher: Batcher, item: Any, futures: list[Future], timeout_s: float | None, *, may_wait: bool
) -> bool:
    """Queue the item; False where there is no room now, and some of `futures` may be waited for."""
    try:
        futures.append(batcher.submit(item, background=timeout_s is None))
    except OverloadedError:
        if not may_wait:
            raise
        return False
    return True


class _Wait:
    """Waits for the answers of one call, as long as its visit goes on and its visitor hears where they stand."""

    def __init__(self, batcher: Batcher, timeout_s: float | None) -> None:
        self._batcher = batcher
        self._timeout_s = timeout_s
        self._visit = visits.current()
        is_background = timeout_s is None
        self._give_up_s = math.inf if is_background else min(time.monotonic() + timeout_s, self._visit.ends_s)
        self._has_told = False

    def check(self) -> None:
        """Raises TimeoutError where nobody waits for the answers any more."""
        if self._timeout_s is not None and self._visit.is_over:
            raise TimeoutError

    def for_result(self, future: Future) -> Generator[str, None, Any]:
        # Where many answers come soon one after the other, nothing below ever looks.
        self.check()
        if isinstance(future, Stream) and self._timeout_s is not None:
            return (yield from self._grown(future, self._timeout_s))
        while True:
            left_s = max(0.0, self._give_up_s - time.monotonic())
            try:
                return future.result(min(TICK_S, left_s))
            except TimeoutError:
                if future.done():
                    return future.result()
                if not left_s:
                    raise
            yield ""
            self._go_on()

    def end(self) -> None:
        """Nobody waits any more; what was told before is no longer so."""
        if self._has_told:
            visits.tell(Waiting)

    def _grown(self, stream: Stream, timeout_s: float) -> Generator[str, None, Any]:
        told_s = time.monotonic()
        for _piece in stream.pieces(timeout_s):
            # A piece comes every 2 ms, and what waits here may show each step to somebody.
            if time.monotonic() - told_s >= TICK_S / 2:
                yield ""
                self._go_on()
                told_s = time.monotonic()
        return stream.result(0)

    def _go_on(self) -> None:
        self.check()
        if self._timeout_s is not None:
            self._has_told = True
            visits.tell(self._batcher.waiting)


@contextmanager
def _waiting_for(futures: list[Future], timeout_s: float | None) -> Iterator[None]:
    """Say what ended the wait; what is not answered by then is cancelled."""
    try:
        yield
    except TimeoutError:
        message = N_("The answer did not come within {seconds} s. Try again, or shorten the input.")
        raise DeadlineError(message, seconds=round(timeout_s or 0.0)) from None
    except CancelledError:
        raise ModelLoadError(GONE) from None
    finally:
        for future in futures:
            future.cancel()
