"""How long the next batch may gather: until the one that is being computed is expected to end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# The estimate never holds a request back for longer than this.
MAX_WAIT_S = 0.25
# The last few batches count.
NEWEST_SHARE = 0.2


class Pace:
    """A lone request waits for nobody; while a batch runs, gathering costs nothing, for nothing else can run."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mean_s = 0.0
        self._began_s: float | None = None

    @property
    def wait_s(self) -> float:
        if self._began_s is None:
            return 0.0
        return min(MAX_WAIT_S, max(0.0, self._began_s + self._mean_s - self._clock()))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around one batch."""
        self._began_s = self._clock()
        try:
            yield
        finally:
            self._mean_s += NEWEST_SHARE * (self._clock() - self._began_s - self._mean_s)
            self._began_s = None
