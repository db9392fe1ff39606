"""Which batcher owns a model: whole answers in batches, answers that grow together, or answers from elsewhere."""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from core import visits
from core.batching import MicroBatcher
from core.errors import N_, DeadlineError, ModelLoadError, OverloadedError
from core.remote_calls import RemoteAnswerer, RemoteCalls
from core.remote_streams import RemoteStreams, RemoteWriter
from core.streaming import TICK_S, Stepper, Stream, StreamBatcher
from core.visits import Visit, Waiting

GONE = N_("The model was unloaded while you waited. Try again.")


class Batcher(Protocol):
    """What the pool asks of a model's thread. The future of a model that streams is a Stream."""

    @property
    def queue_size(self) -> int: ...

    def submit(self, item: Any, *, background: bool = False) -> Future: ...

    def waiting(self) -> Waiting: ...

    def close(self) -> None: ...


def batcher_for(
    engine: Any, *, size: int, observe: Callable[[int, float, float], None], name: str
) -> Batcher:
    """The batcher that suits the engine; `size` items or rows are worked on at once."""
    if isinstance(engine, Stepper):
        return StreamBatcher(engine, max_rows=size, observe=observe, name=name)
    if isinstance(engine, RemoteWriter):
        return RemoteStreams(engine, max_rows=size, observe=observe, name=name)
    if isinstance(engine, RemoteAnswerer):
        return RemoteCalls(engine, observe=observe, name=name)
    return MicroBatcher(engine.predict, max_batch_size=size, observe=observe, name=name)


def results_of(batcher: Batcher, items: list, *, timeout_s: float | None) -> list:
    """The results for `items`, in order; no `timeout_s` makes them background items, without a deadline.

    Raises OverloadedError, DeadlineError, ModelLoadError, or whatever the engine raised. All have `timeout_s`
    together, and what is left of the visit; an answer that streams has it from one piece to the next, as it may grow
    long. Where the line has no room for more of the caller's items, these go on as their first ones are answered.
    """
    futures: list[Future] = []
    results: list = []
    give_up_s = time.monotonic() + (timeout_s or 0.0)
    answer = partial(_answer, batcher, timeout_s=timeout_s, give_up_s=give_up_s)
    with _waiting_for(futures, timeout_s):
        for item in items:
            while not _queued(batcher, item, futures, timeout_s, may_wait=len(results) < len(futures)):
                results.append(answer(futures[len(results)]))
        return results + [answer(future) for future in futures[len(results) :]]


def stream_of(batcher: Batcher, item: Any, *, timeout_s: float) -> Generator[str, None, Any]:
    """The pieces of one answer as they come, "" while there is none; the whole is returned. Raises as results_of."""
    futures: list[Stream] = []
    with _waiting_for(futures, timeout_s):
        futures.append(batcher.submit(item))
        for piece in futures[0].pieces(timeout_s):
            if futures[0].started_s is None:
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


def _answer(batcher: Batcher, future: Future, *, timeout_s: float | None, give_up_s: float) -> Any:
    visit = visits.current()
    if timeout_s is None:
        return future.result()
    if isinstance(future, Stream):
        return _grown(batcher, future, timeout_s, visit)
    while True:
        left_s = min(give_up_s, visit.ends_s) - time.monotonic()
        try:
            return future.result(max(0.0, min(TICK_S, left_s)))
        except TimeoutError:
            if future.done():
                return future.result()
            if left_s <= 0 or visit.is_over:
                raise
        visits.tell(batcher.waiting)


def _grown(batcher: Batcher, stream: Stream, timeout_s: float, visit: Visit) -> Any:
    for _piece in stream.pieces(timeout_s):
        if visit.is_over:
            raise TimeoutError
        if stream.started_s is None:
            visits.tell(batcher.waiting)
    return stream.result(0)


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
