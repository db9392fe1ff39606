"""One thread that has items answered elsewhere, many in a request, some requests at once; nothing else is known."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, runtime_checkable

from core import visits
from core.batching import counted
from core.errors import InferenceError
from core.loop_thread import LoopThread
from core.visits import Waiting
from core.waiting_line import Request, WaitingLine

# While one request is being worked on, the next is on its way; more of them only if there are more copies of a model.
REQUESTS = 3


@runtime_checkable
class RemoteAnswerer(Protocol):
    """A model at the other end of a connection, for whole answers. Every call comes from one event loop.

    `answer` takes `max_items` at most and gives one result or one exception per item; what it raises is everyone's.
    Cancelling it must close its connection.
    """

    max_items: int

    async def answer(self, items: list) -> list: ...

    async def aclose(self) -> None: ...


class _Call(Request):
    """One item's future, that can be cancelled until it is answered."""

    def end(self, result: Any) -> None:
        if not self.set_running_or_notify_cancel():
            return
        if isinstance(result, Exception):
            self.set_exception(result)
        else:
            self.set_result(result)


class RemoteCalls:
    """Send what queued up while the last requests were under way; a request that nobody waits for any more is closed.

    Background items go along only while nobody else waits.
    """

    def __init__(
        self,
        engine: RemoteAnswerer,
        *,
        max_queue_size: int = 256,
        observe: Callable[[int, float, float], None] = lambda size, waited_s, ran_s: None,
        name: str = "remote-calls",
    ) -> None:
        self._engine = engine
        self._observe = observe
        self._line = WaitingLine(max_queue_size, places=REQUESTS, answer_s=0.01)
        self._tasks: dict[asyncio.Task, list[_Call]] = {}
        self._thread = LoopThread(self._end_all, name=name)

    @property
    def queue_size(self) -> int:
        return self._line.size

    def submit(self, item: Any, *, background: bool = False) -> Future:
        """Queue one item; background items wait for room. Raises OverloadedError if full, CancelledError if closed."""
        call = _Call(item)
        self._line.add(call, background=background)
        call.add_done_callback(lambda _: self._thread.tell(self._stop_unwanted) if call.cancelled() else None)
        self._thread.tell(self._send)
        return call

    def waiting(self) -> Waiting:
        """Where the caller of now stands, and how long it is until the last of their items is sent."""
        sent = [call for calls in list(self._tasks.values()) for call in calls]
        return self._line.waiting(visits.current().caller, sent)

    def close(self) -> None:
        """Cancel everything, close the connections, and end the thread."""
        self._line.close()
        self._thread.close()

    def _send(self) -> None:
        while len(self._tasks) < REQUESTS and (calls := self._line.take(self._engine.max_items, wait=False)):
            task = self._thread.loop.create_task(self._engine.answer([call.item for call in calls]))
            self._tasks[task] = calls
            task.add_done_callback(partial(self._end, began_s=time.monotonic()))

    def _stop_unwanted(self) -> None:
        for task, calls in self._tasks.items():
            if all(call.cancelled() for call in calls):
                task.cancel()

    def _end(self, task: asyncio.Task, *, began_s: float) -> None:
        calls = self._tasks.pop(task)
        ran_s = time.monotonic() - began_s
        self._line.learn(ran_s / len(calls))
        self._observe(len(calls), began_s - calls[0].arrived_s, ran_s)
        self._send()
        if task.cancelled():
            for call in calls:
                call.cancel()
            return
        for call, result in zip(calls, self._results(task, calls), strict=True):
            call.end(result)

    def _results(self, task: asyncio.Task, calls: list[_Call]) -> list:
        if error := task.exception():
            return [error] * len(calls)
        try:
            return counted(task.result(), calls)
        except InferenceError as error:
            return [error] * len(calls)

    async def _end_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._engine.aclose()
