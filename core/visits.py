"""Who is asking, until when, and how they hear that they wait: it travels with a request, through all its threads."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Waiting:
    """A caller's place in the line of a model."""

    queued: int = 0
    """How many of their own items wait."""
    ahead: int = 0
    """How many of others go before the last of them (before a new one, if none waits), with those being worked on."""
    seconds: float = 0.0
    """About how long that takes."""


@dataclass(frozen=True, eq=False)
class Visit:
    """One request under way, as the lines of the models see it. The front doors begin it with `visiting`."""

    caller: str = ""
    """Under which name callers take turns; "" is the process itself."""
    ends_s: float = math.inf
    """When the whole request must have its answers, on the monotonic clock; streams and background work don't mind."""
    tell: Callable[[Waiting], None] | None = None
    thread_id: int = 0
    given_up: threading.Event = field(default_factory=threading.Event)
    """Set once nobody waits for the answers any more."""

    @property
    def is_over(self) -> bool:
        return self.given_up.is_set() or time.monotonic() >= self.ends_s


_NOBODY = Visit()
_visit: ContextVar[Visit] = ContextVar("visit", default=_NOBODY)


def current() -> Visit:
    """The request of now; the process's own where nobody asks."""
    return _visit.get()


@contextmanager
def visiting(
    caller: str,
    *,
    deadline_s: float | None = None,
    tell: Callable[[Waiting], None] | None = None,
    given_up: threading.Event | None = None,
) -> Iterator[None]:
    """Everything asked for inside the block is asked for by `caller`, and answered within `deadline_s`, if given.

    `tell` hears now and then where the caller stands, and only ever on the thread that entered the block. Setting
    `given_up` ends the work early, wherever it next looks.
    """
    ends_s = time.monotonic() + deadline_s if deadline_s else math.inf
    visit = Visit(caller, ends_s, tell, threading.get_ident(), given_up or threading.Event())
    token = _visit.set(visit)
    try:
        yield
    finally:
        _visit.reset(token)


def tell(line: Callable[[], Waiting]) -> None:
    """Let the visitor know where they stand, if someone on this thread wants to; that may end the wait by raising."""
    visit = current()
    if visit.tell and visit.thread_id == threading.get_ident():
        visit.tell(line())
