"""Who waits for a place in a batch: callers take turns, nobody fills the line alone, and it is bounded."""

import threading
import time
from concurrent.futures import CancelledError, Future
from typing import Any

from core import visits
from core.errors import N_, OverloadedError
from core.fairness import Turns, has_room
from core.visits import Waiting

# How fast the estimate follows: the last few answers count.
_NEWEST_SHARE = 0.2
# Of a crowd that was answered together, somebody asks again in less.
QUIET_S = 0.001


class Request(Future):
    """The answer to one item, for whoever asks just now."""

    def __init__(self, item: Any) -> None:
        super().__init__()
        self.item = item
        self.visit = visits.current()
        self.caller = self.visit.caller
        self.weight: int = getattr(item, "weight", 1)
        self.arrived_s = time.monotonic()


class WaitingLine:
    """A bounded line of requests; those in the background are taken only while nobody else waits.

    `places` are worked on at once, and `answer_s` is how long each takes as long as nothing better is known: the
    estimates count on both.
    """

    def __init__(self, max_size: int, *, places: int = 1, answer_s: float = 1.0) -> None:
        self._max_size = max_size
        self._places = places
        self._answer_s = answer_s
        self._answers = 0
        self._urgent = Turns()
        self._background = Turns()
        self._changed = threading.Condition()
        self._closed = False

    @property
    def size(self) -> int:
        return len(self._urgent) + len(self._background)

    @property
    def turn_s(self) -> float:
        """How long it is from one answer to the next, while there is work."""
        return self._answer_s / self._places

    def add(self, request: Request, *, background: bool = False) -> None:
        """Queue up; in the background, wait for room. Raises OverloadedError if full, CancelledError if closed."""
        queue = self._background if background else self._urgent
        with self._changed:
            while not self._closed and not self._has_room(queue, request.caller):
                if not background:
                    raise self._overloaded(request.caller)
                self._changed.wait()
            if self._closed:
                raise CancelledError
            queue.add(request)
            self._changed.notify_all()

    def take(self, most: int, *, wait: bool, linger_s: float = 0.0) -> list[Request] | None:
        """The next ones, `most` at most, without the cancelled; `wait` for the first. None once closed.

        With `linger_s`, wait up to that long for more than are there, as long as they keep coming.
        """
        with self._changed:
            while True:
                if wait:
                    self._changed.wait_for(lambda: self._closed or self.size)
                if linger_s and self._urgent:
                    self._linger(most, time.monotonic() + linger_s)
                if self._closed:
                    return None
                self._forget_cancelled()
                taken = (self._urgent or self._background).take(most)
                self._changed.notify_all()
                if taken or not wait:
                    return taken

    def standing(self, caller: str) -> tuple[int, int]:
        """How many requests of `caller` wait, and how many of others go before the last of them."""
        with self._changed:
            self._urgent.forget_cancelled()
            return self._urgent.count(caller), self._urgent.ahead_of(caller)

    def waiting(self, caller: str, growing: list[Request]) -> Waiting:
        """Where `caller` stands, and how long it is until a place is free for the last of their requests."""
        queued, ahead = self.standing(caller)
        turns = max(0, ahead + max(1, queued) - (self._places - len(growing)))
        others = sum(request.caller != caller for request in growing)
        return Waiting(queued, ahead + others, turns * self.turn_s)

    def learn(self, answer_s: float) -> None:
        """Take the time that one answer took into the estimate."""
        self._answers += 1
        self._answer_s += max(_NEWEST_SHARE, 1 / self._answers) * (answer_s - self._answer_s)

    def close(self) -> None:
        """Cancel who waits; nobody can queue up any more."""
        with self._changed:
            self._closed = True
            for request in (*self._urgent, *self._background):
                request.cancel()
            self._changed.notify_all()

    def _linger(self, most: int, until_s: float) -> None:
        """Wait for more until then, or until none comes for QUIET_S: several items of one caller come at once."""
        there = 0
        while there < len(self._urgent) < most and not self._closed and time.monotonic() < until_s:
            there = len(self._urgent)
            self._changed.wait(QUIET_S)

    def _forget_cancelled(self) -> None:
        self._urgent.forget_cancelled()
        self._background.forget_cancelled()

    def _has_room(self, queue: Turns, caller: str) -> bool:
        if self._is_free(queue, caller):
            return True
        queue.forget_cancelled()
        return self._is_free(queue, caller)

    def _is_free(self, queue: Turns, caller: str) -> bool:
        return has_room(own=queue.count(caller), taken=len(queue), limit=self._max_size, caller=caller)

    def _overloaded(self, caller: str) -> OverloadedError:
        waiting, own = len(self._urgent), self._urgent.count(caller)
        if waiting >= self._max_size:
            message = N_("{waiting} requests are waiting already. Try again in about {seconds} s.")
            return OverloadedError(message, waiting=waiting, seconds=self._seconds(waiting))
        message = N_("{waiting} of your requests are waiting already. Try again in about {seconds} s.")
        seconds = self._seconds(own + self._urgent.ahead_of(caller))
        return OverloadedError(message, waiting=own, seconds=seconds)

    def _seconds(self, turns: int) -> int:
        return max(1, round(turns * self.turn_s))
