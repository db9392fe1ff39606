"""One thread for the long work of a process: its jobs take turns, step by step, and know how far they are."""

import logging
import threading
import weakref
from collections import deque
from collections.abc import Generator
from typing import Any

from core.errors import N_, DemoError
from core.streaming import TICK_S
from core.types import Progress

log = logging.getLogger("vitrine.recommendation")


class Job:
    """A generator of Progress that is worked off elsewhere; any number of callers may wait for its outcome."""

    def __init__(self, steps: Generator[Progress, None, Any], unit: str) -> None:
        self.progress = Progress(0, 0, unit)
        self.ended = threading.Event()
        self.failed = False
        self._steps = steps
        self._result: Any = None
        self._error: DemoError | None = None

    def advance(self) -> None:
        """One step. A DemoError is kept for those who wait; anything else is a bug, and goes on its way."""
        try:
            self.progress = next(self._steps)
        except StopIteration as end:
            self._result = end.value
            self.ended.set()
        except DemoError as error:
            self._end_with(error)
        finally:
            # Whatever it was that came: nobody waits for ever.
            if not self.ended.is_set() and self._steps.gi_frame is None:
                self._end_with(DemoError(N_("Learning from the data failed unexpectedly; the log has it.")))

    def result(self) -> Any:
        """The outcome of a job that has ended. Raises what stopped it."""
        if self._error:
            raise self._error
        return self._result

    def wait(self) -> Generator[Progress, None, Any]:
        """Yield Progress at least every 0.2 s until the job has ended, then the outcome. Raises what stopped it."""
        while not self.ended.wait(TICK_S / 2):
            yield self.progress
        return self.result()

    def followed(self) -> Generator[Progress, None, Any]:
        """As `wait`, for another job of the same thread: it doesn't block."""
        while not self.ended.is_set():
            yield self.progress
        return self.result()

    def _end_with(self, error: DemoError) -> None:
        self._error, self.failed = error, True
        self.ended.set()


class Workshop:
    """Works off jobs by turns on one thread, which is there only while there is something to do.

    It holds the jobs weakly: what nobody can ask for any more, since its data set is gone, is not finished.
    """

    def __init__(self, name: str = "recommendation") -> None:
        self._name = name
        self._queue: deque[weakref.ref[Job]] = deque()
        self._is_running = False
        self._lock = threading.Lock()

    def start(self, job: Job) -> None:
        with self._lock:
            self._queue.append(weakref.ref(job))
            if not self._is_running:
                self._begin()

    def _begin(self) -> None:
        self._is_running = True
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        is_over = False
        try:
            while (job := self._next()) is not None:
                self._advance(job)
                del job
            is_over = True
        finally:
            if not is_over:  # A bug of one job ends this thread, not the jobs of others.
                self._begin()

    def _next(self) -> Job | None:
        with self._lock:
            while self._queue:
                if (job := self._queue.popleft()()) is not None:
                    return job
            self._is_running = False
            return None

    def _advance(self, job: Job) -> None:
        try:
            job.advance()
        finally:
            if not job.ended.is_set():
                self._queue.append(weakref.ref(job))
