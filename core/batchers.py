"""Which batcher owns a model: whole answers in batches, answers that grow together, or answers from elsewhere."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from core.batching import MicroBatcher
from core.remote_streams import RemoteStreams, RemoteWriter
from core.streaming import Stepper, Stream, StreamBatcher


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


def results_of(futures: list[Future], timeout_s: float) -> list:
    """The results, in order. Raises TimeoutError when they don't come in time, or what the engine raised.

    All have `timeout_s` together; a stream has it from one piece to the next, as it may grow long.
    """
    give_up_s = time.monotonic() + timeout_s
    return [_result(future, timeout_s, give_up_s) for future in futures]


def _result(future: Future, timeout_s: float, give_up_s: float) -> Any:
    if isinstance(future, Stream):
        return future.result_in_time(timeout_s)
    return future.result(max(0.0, give_up_s - time.monotonic()))
