"""Work that ends with its deadline, not only its caller's patience."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from threading import BoundedSemaphore
from typing import TypeVar

from api.calls import too_late

T, R = TypeVar("T"), TypeVar("R")


class Deadline:
    """Of one request, from now on."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._ends_s = time.monotonic() + deadline_s

    def check(self) -> None:
        """Raises DeadlineError once it has passed."""
        if time.monotonic() > self._ends_s:
            raise too_late(self._deadline_s)

    def steps(self, work: Generator[T, None, R]) -> Generator[T, None, R]:
        """The steps of the work and its value; it is closed, and DeadlineError raised, once the deadline has passed."""
        with closing(work):
            while True:
                try:
                    step = next(work)
                except StopIteration as end:
                    return end.value
                self.check()
                yield step

    def one_by_one(self, pictures: Iterator[T], reading: BoundedSemaphore) -> Iterator[T]:
        """The pictures, each decoded in its turn: that holds up everything else in this process, so few do it at once.

        A small archive may hold a minute's work in pictures that are refused in the end. Raises DeadlineError.
        """
        while True:
            if not reading.acquire(timeout=max(0.0, self._ends_s - time.monotonic())):
                raise too_late(self._deadline_s)
            try:
                each = next(pictures, None)
            finally:
                reading.release()
            if each is None:
                return
            self.check()
            yield each
