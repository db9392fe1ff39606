"""One long step of a generator on a thread of its own, so that the generator goes on yielding."""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
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
