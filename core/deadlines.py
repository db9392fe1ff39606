"""Work that ends with its deadline, not only its caller's patience; and reading files in turn, for pages and API."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from threading import BoundedSemaphore
from typing import TypeVar

from core import visits
from core.errors import N_, DeadlineError

# Who waits for others to read hears of it so often, and can be stopped.
POLL_S = 0.1
T, R = TypeVar("T"), TypeVar("R")


class Deadline:
    """Of one piece of work, from now on; it has passed as well once nobody waits for that work any more."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._ends_s = time.monotonic() + deadline_s
        self._visit = visits.current()

    def check(self) -> None:
        """Raises DeadlineError once it has passed."""
        if time.monotonic() > self._ends_s or self._visit.is_over:
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

    def in_turn(self, pictures: Iterator[T], reading: BoundedSemaphore) -> Iterator[T | None]:
        """The pictures, each decoded when its turn has come; None every POLL_S while others read.

        Decoding holds up everything else in this process, so few do it at once. A small archive may hold a minute's
        work in pictures that are refused in the end. Raises DeadlineError; what has not been read stays in `pictures`.
        """
        while True:
            if not reading.acquire(timeout=POLL_S):
                self.check()
                yield None
                continue
            try:
                each = next(pictures, None)
            finally:
                reading.release()
            if each is None:
                return
            self.check()
            yield each

    def one_by_one(self, pictures: Iterator[T], reading: BoundedSemaphore) -> Iterator[T]:
        """The same for who has nothing else to do while others read."""
        return (each for each in self.in_turn(pictures, reading) if each is not None)


def too_late(deadline_s: float) -> DeadlineError:
    message = N_("The answer did not come within {seconds} s. Try again, or shorten the input.")
    return DeadlineError(message, seconds=round(deadline_s))
