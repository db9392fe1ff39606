"""A model on its way: what a page polls and can cancel."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from core.catalog import ModelSpec
from core.errors import N_, DemoError
from core.types import Progress


class State(StrEnum):
    UNLOADED = "unloaded"
    QUEUED = "queued"
    DOWNLOADING = "downloading"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        return self in (State.QUEUED, State.DOWNLOADING, State.LOADING)


@dataclass(frozen=True)
class ModelStatus:
    """What the pages and /api/models say of one model."""

    spec: ModelSpec
    state: State
    is_local: bool
    device: str | None = None
    revision: str | None = None
    memory_mb: float = 0.0
    load_s: float | None = None
    queue_size: int = 0
    progress: Progress | None = None
    error: DemoError | None = None


class Loading:
    """One attempt to load a model: its state, its progress, and at the end its error, if any."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        self.state = State.QUEUED
        self.progress: Progress | None = None
        self.error: DemoError | None = None
        self.cancelled = threading.Event()
        self._ended = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def begin(self, state: State) -> None:
        self.state = state

    def cancel(self) -> None:
        """Ask the download to stop; what is finished is kept for the next attempt."""
        self.cancelled.set()

    def wait(self, timeout_s: float | None) -> bool:
        """Wait for the end; False when it did not come in time. Raises the error of the attempt."""
        if not self._ended.wait(timeout_s):
            return False
        if self.error:
            raise _alone(self.error)
        return True

    def when_ready(self, callback: Callable[[], None]) -> None:
        """Call back once the model is ready (at once if it is), never if it fails."""
        with self._lock:
            if not self._ended.is_set():
                self._callbacks.append(callback)
                return
        if self.state is State.READY:
            callback()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Run the attempt: its end, good or bad, becomes this object's state, and nobody waits for ever."""
        error: DemoError | None = None
        is_ready = False
        try:
            yield
            is_ready = True
        except DemoError as failure:
            error = failure
        finally:
            self._end(error if error or is_ready else DemoError(_BROKEN, model=self.model_id))

    def _end(self, error: DemoError | None) -> None:
        with self._lock:
            self.error = _alone(error) if error else None
            self.state = State.FAILED if error else State.READY
            callbacks = [] if error else self._callbacks
            for callback in callbacks:
                callback()
            self._ended.set()


def _alone(error: DemoError) -> DemoError:
    """The error without the frames that it came through: they hold on to half a model, and to those who waited."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


_BROKEN = N_("Loading {model} ended with an unexpected error; the log has it. The other models go on.")
