"""Generators that go on yielding: while one long step runs elsewhere, or others have their turn."""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import BoundedSemaphore
from typing import TypeVar

from core.streaming import TICK_S
from core.types import Progress

T = TypeVar("T")


def in_background(work: Callable[[], T], progress: Progress) -> Generator[Progress, None, T]:
    """What `work` returns or raises; yields the same Progress at least every 0.2 s until then."""
    threads = ThreadPoolExecutor(1, thread_name_prefix="reading")
    try:
        future = threads.submit(work)
        while not wait([future], timeout=TICK_S / 2).done:
            yield progress
        return future.result()
    finally:
        # Who leaves does not wait for the step to end.
        threads.shutdown(wait=False)


def in_turn(steps: Generator[Progress, None, T], turns: BoundedSemaphore) -> Generator[Progress, None, T]:
    """The steps, each with one of the `turns`: reading a file holds up everything else in the process."""
    progress = Progress(0, 0, "bytes")
    while True:
        while not turns.acquire(timeout=TICK_S / 2):
            yield progress
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value
        finally:
            turns.release()
        yield progress
