"""The way of an API request into the core: admitted, timed, off the event loop, within the deadline."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.types import Receive

from api.hang_ups import answered
from api.operators import require_operator
from api.visitors import Visitor, visitor_at
from core import locales, visits
from core.limits import MAX_CONCURRENT
from core.showcase import Showcase

# The core keeps the deadline itself and says what it waited for; this is for what it does not bound.
GRACE_S = 1.0
# Beyond the admitted requests: health must be answered when everybody else waits for a model.
HEALTH_THREADS = 8
T = TypeVar("T")


class Calls:
    """Runs the work of all API requests on threads of its own.

    Streamlit's 28 threads serve the pages' files: callers waiting for a model must not take those.
    """

    def __init__(self, showcase: Showcase) -> None:
        self.showcase = showcase
        threads = MAX_CONCURRENT + HEALTH_THREADS
        self.reading = showcase.limits.reading
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="api")

    async def run(
        self, visitor: Visitor, action: str, work: Callable[..., T], *args: object, receive: Receive
    ) -> T:
        """`work(showcase, *args)`, counted against the visitor's rate and the process's places.

        Raises RateLimitedError, OverloadedError, DeadlineError, a Refusal to who has hung up, or what `work` raises.
        """
        deadline_s, given_up = self.showcase.limits.deadline_s, threading.Event()
        with self.showcase.metrics.timed("api", action):
            future = self.start(visitor, work, *args, deadline_s=deadline_s, given_up=given_up)
            answer = asyncio.wrap_future(future)
            return await answered(answer, receive, given_up, deadline_s=deadline_s, grace_s=GRACE_S)

    def start(
        self,
        visitor: Visitor,
        work: Callable[..., T],
        *args: object,
        given_up: threading.Event,
        deadline_s: float | None = None,
    ) -> Future[T]:
        """`work(showcase, *args)` on a thread, counted for as long as it runs, which may be longer than the request.

        Models answer it within `deadline_s`, if given, and not at all once `given_up` is set. Raises RateLimitedError,
        OverloadedError.
        """
        visit = visits.visiting(visitor.caller, deadline_s=deadline_s, given_up=given_up)
        with visit, ExitStack() as stack:
            stack.enter_context(self.showcase.limits.admitted(visitor.caller))
            future = self._threads.submit(copy_context().run, work, self.showcase, *args)
            # The place is free when the work ends, which is later than its caller's patience.
            place = stack.pop_all()
            future.add_done_callback(lambda _: place.close())
        return future

    async def look(self, work: Callable[..., T], *args: object) -> T:
        """`work(showcase, *args)` for those who watch the process: neither counted nor timed."""
        context = copy_context()
        return await asyncio.wrap_future(self._threads.submit(context.run, work, self.showcase, *args))

    def close(self) -> None:
        """Wait for the work under way."""
        self._threads.shutdown()


@dataclass(frozen=True)
class Call:
    """One request: who asks, in which language, with which token; `receive` tells when they hang up."""

    calls: Calls
    visitor: Visitor
    language: str
    authorization: str
    receive: Receive

    async def run(self, action: str, work: Callable[..., T], *args: object) -> T:
        return await self.calls.run(self.visitor, action, work, *args, receive=self.receive)

    async def run_as_operator(self, action: str, work: Callable[..., T], *args: object) -> T:
        """Like `run`, for the operator only; guessing tokens counts against the rate as well."""
        return await self.run(action, self._allowed, work, *args)

    def _allowed(self, showcase: Showcase, work: Callable[..., T], *args: object) -> T:
        require_operator(showcase.settings.operator_token, self.authorization, self.visitor)
        return work(showcase, *args)


async def get_call(request: Request) -> Call:
    return Call(
        request.app.state.calls,
        visitor_at(request.scope),
        locales.best_language(request.headers.get("accept-language")),
        request.headers.get("authorization", ""),
        request.receive,
    )


CallDep = Annotated[Call, Depends(get_call)]
