"""Answers that come in pieces, as server-sent events; they end with their caller, who may leave at any time.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial
from threading import Event

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Receive, Scope, Send

from api.calls import Call
from api.failures import body_of
from api.hang_ups import answered
from core.errors import DemoError
from core.showcase import Showcase

# A comment now and then: a proxy may close a connection on which nothing moves for a minute.
KEEP_ALIVE_S = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Steps = Generator[tuple[str, dict] | None, None, None]
"""(name of the event, its data) as it comes; None when there is nothing yet, several times a second."""


async def stream(call: Call, action: str, begin: Callable[[Showcase], Steps]) -> EventSourceResponse:
    """Run `begin(showcase)` on a thread that holds one of the process's places while the stream lives.

    Returns with the first event. What is raised before it is an error like any other, with its status, and so is
    waiting longer than the deadline for it, or hanging up; what is raised after it becomes an event of the name
    "error".
    """
    feed = _Feed(asyncio.get_running_loop())
    deadline_s = call.calls.showcase.limits.deadline_s
    work = call.calls.start(call.visitor, partial(_pump, feed, action, begin), given_up=feed.stopped)
    work.add_done_callback(lambda _: feed.tell(None))
    news = asyncio.ensure_future(feed.news.get())
    first = await answered(news, call.receive, feed.stopped, deadline_s=deadline_s)
    if first is None:
        work.result()
    return _Events(feed, _said(feed, first, work, call.language))


class _Feed:
    """What a thread tells the event loop, None at the end, and how the loop tells it to stop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.news: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.stopped = Event()
        self._loop = loop

    def tell(self, event: bytes | None) -> None:
        # The loop of a server that has been stopped listens no more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.news.put_nowait, event)

    async def next(self) -> bytes | None:
        """The next event, or a comment where there is none for a while."""
        try:
            # Unlike wait_for, it makes no task for each event.
            async with asyncio.timeout(KEEP_ALIVE_S):
                return await self.news.get()
        except TimeoutError:
            return b": still here\n\n"


class _Events(EventSourceResponse):
    """Stops the work however the response ends: at its end, with the connection, or before it began."""

    def __init__(self, feed: _Feed, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers=HEADERS)
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.stopped.set()


def _pump(feed: _Feed, action: str, begin: Callable[[Showcase], Steps], place: Showcase) -> None:
    with place.metrics.timed("api", action), closing(begin(place)) as steps:
        for event in steps:
            if feed.stopped.is_set():
                return
            if event:
                feed.tell(_rendered(*event))


async def _said(feed: _Feed, event: bytes | None, work: Future, language: str) -> AsyncIterator[bytes]:
    while event is not None:
        yield event
        event = await feed.next()
    try:
        work.result()
    except DemoError as error:
        yield _rendered("error", body_of(error, language))


def _rendered(name: str, data: dict) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
