"""Callers are waited for as long as they wait: listening for who hangs up before the answer is there."""

import asyncio
from threading import Event
from typing import TypeVar

from starlette.types import Receive

from api.failures import Refusal
from core.deadlines import too_late
from core.errors import N_

# Most answers are there sooner, and don't pay for the listening.
LISTEN_AFTER_S = 0.1
# What nginx logs for it; nobody is there to read it.
HUNG_UP = 499
T = TypeVar("T")


async def answered(
    answer: asyncio.Future[T], receive: Receive, given_up: Event, *, deadline_s: float, grace_s: float = 0.0
) -> T:
    """What `answer` gives or raises; once nobody waits for it any more, it is cancelled and `given_up` set.

    `receive` is that of a request whose body has been read. Raises DeadlineError after `deadline_s` and `grace_s`,
    and a Refusal when the caller has hung up by then.
    """
    unheard_s = min(LISTEN_AFTER_S, deadline_s + grace_s)
    try:
        await asyncio.wait([answer], timeout=unheard_s)
        left_s = deadline_s + grace_s - unheard_s
        has_left = not answer.done() and await _leaves_before(answer, receive, within_s=left_s)
        if answer.done():
            return answer.result()
        raise _hung_up() if has_left else too_late(deadline_s)
    finally:
        if not answer.done():
            given_up.set()
            answer.cancel()


async def _leaves_before(answer: asyncio.Future, receive: Receive, *, within_s: float) -> bool:
    leaving = asyncio.create_task(_leave(receive))
    try:
        await asyncio.wait([answer, leaving], timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        return leaving.done() and leaving.result()
    finally:
        leaving.cancel()


async def _leave(receive: Receive) -> bool:
    """True, once the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    return True


def _hung_up() -> Refusal:
    return Refusal(HUNG_UP, "left", N_("You hung up before the answer was there."))
