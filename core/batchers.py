"""Which batcher owns a model: whole answers in batches, answers that grow together, or answers from elsewhere."""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any, Protocol

from core.batching import MicroBatcher
from core.errors import N_, DeadlineError, ModelLoadError
from core.remote_streams import RemoteStreams, RemoteWriter
from core.streaming import Stepper, Stream, StreamBatcher

GONE = N_("The model was unloaded while you waited. Try again.")


class Batcher(Protocol):
    """What the pool asks of a model's thread. The future of a model that streams is a Stream."""

    @property
    def queue_size(self) -> int: ...

    def submit(self, item: Any, *, background: bool = False) -> Future: ...

    def close(self) -> None: ...


def batcher_for(
    engine: Any, *, size: int, observe: Callable[[int, float, float], None], name: str
) -> Batcher:
    """The batcher that suits the engine; `size` items or rows are worked on at once."""
    if isinstance(engine, Stepper):
        return StreamBatcher(engine, max_rows=size, observe=observe, name=name)
    if isinstance(engine, RemoteWriter):
        return RemoteStreams(engine, max_rows=size, observe=observe, name=name)
    return MicroBatcher(engine.predict, max_batch_size=size, observe=observe, name=name)


def results_of(batcher: Batcher, items: list, *, timeout_s: float | None) -> list:
    """The results for `items`, in order; no `timeout_s` makes them background items, without a deadline.

    Raises OverloadedError, DeadlineError, ModelLoadError, or whatever the engine raised. All have `timeout_s`
    together; an answer that streams has it from one piece to the next, as it may grow long.
    """
    give_up_s = time.monotonic() + (timeout_s or 0.0)
    futures: list[Future] = []
    with _waiting_for(futures, timeout_s):
        for item in items:
            futures.append(batcher.submit(item, background=timeout_s is None))
        return [_result(future, timeout_s, give_up_s) for future in futures]


def stream_of(batcher: Batcher, item: Any, *, timeout_s: float) -> Generator[str, None, Any]:
    """The pieces of one answer as they come, "" while there is none; the whole is returned. Raises as results_of."""
    futures: list[Stream] = []
    with _waiting_for(futures, timeout_s):
        futures.append(batcher.submit(item))
        yield from futures[0].pieces(timeout_s)
        return futures[0].result(0)


def _result(future: Future, timeout_s: float | None, give_up_s: float) -> Any:
    if timeout_s is None:
        return future.result()
    if isinstance(future, Stream):
        return future.result_in_time(timeout_s)
    return future.result(max(0.0, give_up_s - time.monotonic()))


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
