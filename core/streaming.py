"""One thread that lets many answers of a writer grow side by side, step by step; knows no model."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any, Protocol, runtime_checkable

from core import visits
from core.computing import Compute, at_once
from core.types import Step
from core.visits import Waiting
from core.waiting_line import Request, WaitingLine

log = logging.getLogger("vitrine.pool")

# A reader hears from its stream at least this often, so that it notices when its visitor has left.
TICK_S = 0.2
# After its first piece a reader hears of what is new so often: nobody sees 30 steps a second, and each time that a
# reader wakes up takes from the writer, who needs 2 ms for a token.
GATHER_S = 0.03
# Steps go on for so long where models compute before others may: to change threads for each one of 3 ms takes 0.1.
TURN_S = 0.02


@runtime_checkable
class Stepper(Protocol):
    """A model that lets rows grow together. Only one call is made at a time.

    `join` takes new rows in and may give their first text; when it raises, none of them is in. `step` makes
    every row grow. An exception in place of a Step is that row's own. Rows stay until they `leave`, which
    does not mind rows it doesn't know.
    """

    def join(self, items: dict[int, Any]) -> dict[int, Step | Exception]: ...

    def step(self) -> dict[int, Step | Exception]: ...

    def leave(self, rows: list[int]) -> None: ...


class Stream(Request):
    """One answer on its way: a Future of the whole, its pieces as they come. It can be cancelled until it ends."""

    def __init__(self, item: Any) -> None:
        super().__init__(item)
        self.news_s = self.arrived_s
        self.started_s: float | None = None
        self._pieces: SimpleQueue[str | None] = SimpleQueue()
        self._is_begun = False
        self.add_done_callback(lambda _: self._pieces.put(None))

    def start(self) -> None:
        self.started_s = time.monotonic()

    def put(self, piece: str) -> None:
        self.news_s = time.monotonic()
        if piece:
            self._pieces.put(piece)

    def end(self, result: Any) -> None:
        """Finish with the whole answer, or with the exception that ended it; a cancelled stream stays cancelled."""
        if not self.set_running_or_notify_cancel():
            return
        if isinstance(result, Exception):
            self.set_exception(result)
        else:
            self.set_result(result)

    def pieces(self, timeout_s: float) -> Iterator[str]:
        """The text as it comes, "" every TICK_S while there is none. Raises TimeoutError after `timeout_s` without."""
        began_s = time.monotonic()
        while (piece := self._next()) is not None:
            if not piece and time.monotonic() - max(began_s, self.news_s) > timeout_s:
                raise TimeoutError
            yield piece

    def _next(self) -> str | None:
        if self._is_begun and self._pieces.empty():
            with suppress(TimeoutError, CancelledError):
                self.exception(GATHER_S)  # comes earlier than that at the end
        try:
            piece = self._pieces.get(timeout=TICK_S)
        except Empty:
            return ""
        self._is_begun = True
        return piece


def outcome_of(steps: Generator[Any, None, Any]) -> Any:
    """What a generator returns, for a caller that has no use for its steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class StreamBatcher:
    """Let the rows of many callers grow together: who comes joins between two steps, who is done or stops leaves.

    Callers take turns for the places; background rows have theirs only while nobody else waits. A row that fails
    fails alone, a step that fails ends the rows in it, and the next ones find the batcher alive.
    """

    def __init__(
        self,
        engine: Stepper,
        *,
        compute: Compute = at_once,
        max_rows: int = 8,
        max_queue_size: int = 128,
        observe: Callable[[int, float, float], None] = lambda size, waited_s, ran_s: None,
        name: str = "stream-batcher",
    ) -> None:
        self._engine = engine
        self._compute = compute
        self._max_rows = max_rows
        self._observe = observe
        self._line = WaitingLine(max_queue_size, places=max_rows)
        self._rows: dict[int, Stream] = {}
        self._ids = count()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def queue_size(self) -> int:
        return self._line.size

    def submit(self, item: Any, *, background: bool = False) -> Stream:
        """Queue one item; background items wait for room. Raises OverloadedError if full, CancelledError if closed."""
        stream = Stream(item)
        self._line.add(stream, background=background)
        return stream

    def waiting(self) -> Waiting:
        """Where the caller of now stands, and how long it is until the last of their rows begins to grow."""
        return self._line.waiting(visits.current().caller, list(self._rows.values()))

    def close(self) -> None:
        """Cancel what waits and what grows, after the step that runs, and end the thread."""
        self._line.close()
        self._thread.join()

    def _run(self) -> None:
        streams: list[Stream] | None = []
        try:
            while (streams := self._arrived(wait=not self._rows)) is not None:
                self._compute(self._grow, streams)
        finally:
            # Nobody waits for a thread that is no more, as where those that compute ended first.
            self._line.close()
            for stream in (*(streams or ()), *self._rows.values()):
                stream.cancel()
        if self._rows:
            self._compute(self._leave, list(self._rows))

    def _arrived(self, *, wait: bool) -> list[Stream] | None:
        return self._line.take(self._max_rows - len(self._rows), wait=wait)

    def _grow(self, streams: list[Stream] | None) -> None:
        """Let all rows grow for TURN_S, or until there are none; who comes meanwhile joins between two steps."""
        until_s = time.monotonic() + TURN_S
        while streams is not None:
            self._join(streams)
            self._leave([row for row, stream in self._rows.items() if stream.cancelled()])
            self._deliver(self._stepped() if self._rows else {})
            is_over = not self._rows or time.monotonic() >= until_s
            streams = None if is_over else self._arrived(wait=False)

    def _join(self, streams: list[Stream]) -> None:
        rows = {next(self._ids): stream for stream in streams}
        if not rows:
            return
        for stream in streams:
            stream.start()
        self._rows |= rows
        self._deliver(self._joined({row: stream.item for row, stream in rows.items()}))

    def _joined(self, items: dict[int, Any]) -> dict[int, Step | Exception]:
        try:
            return self._engine.join(items)
        except Exception as error:
            if len(items) == 1:
                return dict.fromkeys(items, error)
        # One of them is bad: let each try alone.
        return {row: step for row, item in items.items() for step in self._joined({row: item}).values()}

    def _stepped(self) -> dict[int, Step | Exception]:
        try:
            return self._engine.step()
        except Exception as error:
            return dict.fromkeys(self._rows, error)

    def _deliver(self, steps: dict[int, Step | Exception]) -> None:
        ended = {}
        for row, step in steps.items():
            if row not in self._rows:
                continue
            if isinstance(step, Exception):
                ended[row] = step
                continue
            self._rows[row].put(step.text)
            if step.end is not None:
                ended[row] = step.end
        streams = {row: self._rows[row] for row in ended}
        # The place is free before the caller knows of the end, who may come back for another.
        self._leave(list(ended))
        for row, stream in streams.items():
            self._end(stream, ended[row])

    def _leave(self, rows: list[int]) -> None:
        if not rows:
            return
        for row in rows:
            del self._rows[row]
        try:
            self._engine.leave(rows)
        except Exception:
            log.exception("rows_not_left")

    def _end(self, stream: Stream, result: Any) -> None:
        waited_s, ran_s = stream.started_s - stream.arrived_s, time.monotonic() - stream.started_s
        self._line.learn(ran_s)
        stream.end(result)
        self._observe(1, waited_s, ran_s)
