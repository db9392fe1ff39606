"""Who waits for a place in a batch of growing rows: first come, first served, and bounded."""

import threading
from collections import deque
from concurrent.futures import CancelledError, Future

from core.errors import N_, OverloadedError


class WaitingLine:
    """A bounded queue of futures; those in the background are taken only while nobody else waits.

    `places` answers are worked on at once: it is what the estimate in the refusal counts on.
    """

    def __init__(self, max_size: int, *, places: int) -> None:
        self._max_size = max_size
        self._places = places
        self._urgent: deque[Future] = deque()
        self._background: deque[Future] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._answer_s = 1.0  # running mean of the time per answer, for the estimate

    @property
    def size(self) -> int:
        return len(self._urgent) + len(self._background)

    def add(self, future: Future, *, background: bool = False) -> None:
        """Queue up; in the background, wait for room. Raises OverloadedError if full, CancelledError if closed."""
        queue = self._background if background else self._urgent
        with self._changed:
            self._forget_cancelled()
            if background:
                self._changed.wait_for(lambda: len(queue) < self._max_size or self._closed)
            if self._closed:
                raise CancelledError
            if len(queue) >= self._max_size:
                raise self._overloaded(len(queue))
            queue.append(future)
            self._changed.notify_all()

    def take(self, most: int, *, wait: bool) -> list[Future] | None:
        """The next ones, `most` at most, without the cancelled; `wait` for the first. None once closed."""
        with self._changed:
            self._forget_cancelled()
            while wait and not self.size and not self._closed:
                self._changed.wait()
                self._forget_cancelled()
            if self._closed:
                return None
            taken = [self._pop() for _ in range(min(most, self.size))]
            self._changed.notify_all()
        return taken

    def learn(self, answer_s: float) -> None:
        """Take the time that one answer took into the estimate."""
        self._answer_s += 0.2 * (answer_s - self._answer_s)

    def close(self) -> None:
        """Cancel who waits; nobody can queue up any more."""
        with self._changed:
            self._closed = True
            for future in (*self._urgent, *self._background):
                future.cancel()
            self._changed.notify_all()

    def _pop(self) -> Future:
        return (self._urgent or self._background).popleft()

    def _forget_cancelled(self) -> None:
        for queue in (self._urgent, self._background):
            waiting = [future for future in queue if not future.cancelled()]
            if len(waiting) < len(queue):
                queue.clear()
                queue.extend(waiting)

    def _overloaded(self, waiting: int) -> OverloadedError:
        message = N_("{waiting} requests are waiting already. Try again in about {seconds} s.")
        seconds = max(1, round(waiting * self._answer_s / self._places))
        return OverloadedError(message, waiting=waiting, seconds=seconds)
