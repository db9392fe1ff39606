"""One thread that reads many answers which grow elsewhere; nobody waits for anybody, and nothing else is known."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol, runtime_checkable

from core import visits
from core.loop_thread import LoopThread
from core.streaming import Stream
from core.types import Step
from core.visits import Waiting
from core.waiting_line import WaitingLine


@runtime_checkable
class RemoteWriter(Protocol):
    """A model at the other end of a connection. Every call comes from one event loop.

    Closing what `stream` gives must close its connection.
    """

    def stream(self, item: Any) -> AsyncIterator[Step]: ...

    async def aclose(self) -> None: ...


class RemoteStreams:
    """Open a connection for each item, `max_rows` at once; a cancelled stream closes its own at once."""

    def __init__(
        self,
        engine: RemoteWriter,
        *,
        max_rows: int = 32,
        max_queue_size: int = 128,
        observe: Callable[[int, float, float], None] = lambda size, waited_s, ran_s: None,
        name: str = "remote-streams",
    ) -> None:
        self._engine = engine
        self._max_rows = max_rows
        self._observe = observe
        self._line = WaitingLine(max_queue_size, places=max_rows)
        self._tasks: dict[Stream, asyncio.Task] = {}
        self._thread = LoopThread(self._end_all, name=name)

    @property
    def queue_size(self) -> int:
        return self._line.size

    def submit(self, item: Any, *, background: bool = False) -> Stream:
        """Queue one item; background items wait for room. Raises OverloadedError if full, CancelledError if closed."""
        stream = Stream(item)
        self._line.add(stream, background=background)
        stream.add_done_callback(lambda _: self._thread.tell(self._stop, stream))
        self._thread.tell(self._admit)
        return stream

    def waiting(self) -> Waiting:
        """Where the caller of now stands, and how long it is until the last of their items is sent."""
        return self._line.waiting(visits.current().caller, list(self._tasks))

    def close(self) -> None:
        """Cancel everything, close the connections, and end the thread."""
        self._line.close()
        self._thread.close()

    async def _end_all(self) -> None:
        for stream, task in list(self._tasks.items()):
            stream.cancel()
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._engine.aclose()

    def _admit(self) -> None:
        for stream in self._line.take(self._max_rows - len(self._tasks), wait=False) or []:
            stream.start()
            task = self._tasks[stream] = self._thread.loop.create_task(self._read(stream))
            task.add_done_callback(partial(self._end, stream))

    def _stop(self, stream: Stream) -> None:
        if stream.cancelled() and stream in self._tasks:
            self._tasks[stream].cancel()

    async def _read(self, stream: Stream) -> Any:
        end = None
        async with aclosing(self._engine.stream(stream.item)) as steps:
            async for step in steps:
                stream.put(step.text)
                end = step.end
        return end

    def _end(self, stream: Stream, task: asyncio.Task) -> None:
        del self._tasks[stream]
        ran_s = time.monotonic() - stream.started_s
        self._line.learn(ran_s)
        self._observe(1, stream.started_s - stream.arrived_s, ran_s)
        self._admit()
        if task.cancelled():
            stream.cancel()
        else:
            stream.end(task.exception() or task.result())
