"""Request bodies kept within bounds, before anything is parsed: each one, and all uploads of this process together."""

import asyncio

from starlette.types import Message, Receive

from api.failures import Refusal
from core.errors import N_, DemoError, InputTooLargeError

# No JSON that the API understands needs more: a question has 1,000 characters, a history 50 of them.
SMALL_BODY_BYTES = 256 * 1024
# A caller in the middle of sending does not listen; so what is too much is read and thrown away for a while.
DRAIN_S = 10.0
# A phone that lost its network sends nothing more and does not say so; what it holds is wanted by others.
STALL_S = 30.0
RETRY_AFTER_S = 5


class Arriving:
    """The bytes of all uploads under way. Its one user is the event loop, so it needs no lock."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self.held_bytes = 0

    def take(self, count_bytes: int) -> DemoError | None:
        """Hold so much more, or give the refusal."""
        if self.held_bytes + count_bytes > self._limit_bytes:
            message = N_(
                "This server takes in at most {limit} MB of uploads at once, and as much is on its way already. Try "
                "again in {retry_after_s} s."
            )
            limit = f"{self._limit_bytes / 2**20:g}"
            return Refusal(503, "uploads_full", message, limit=limit, retry_after_s=RETRY_AFTER_S)
        self.held_bytes += count_bytes
        return None


class Share:
    """What one body may have: up to its own limit, and of an upload what the others leave; to be closed."""

    def __init__(self, limit_bytes: int, arriving: Arriving | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._arriving = arriving
        self._held_bytes = 0

    def hold(self, count_bytes: int) -> DemoError | None:
        """Hold at least so much, or give the refusal."""
        if count_bytes > self._limit_bytes:
            return _too_large(self._limit_bytes)
        more = count_bytes - self._held_bytes
        if self._arriving is None or more <= 0:
            return None
        refusal = self._arriving.take(more)
        self._held_bytes += 0 if refusal else more
        return refusal

    def close(self) -> None:
        if self._arriving is not None:
            self._arriving.held_bytes -= self._held_bytes
        self._held_bytes = 0


class BoundedBody:
    """A `receive` that ends the body when it outgrows its share, or when nothing more comes for STALL_S."""

    def __init__(self, receive: Receive, share: Share) -> None:
        self._receive = receive
        self._share = share
        self._arrived_bytes = 0
        self.refusal: DemoError | None = None
        self.is_over = False
        """Nothing more of it will come."""

    async def receive(self) -> Message:
        """The next message; once there is a refusal, the caller seems to have gone."""
        if self.refusal is None:
            message = await self._next()
            self._arrived_bytes += len(message.get("body", b""))
            self.refusal = self.refusal or self._share.hold(self._arrived_bytes)
        return message if self.refusal is None else {"type": "http.disconnect"}

    async def _next(self) -> Message:
        try:
            # After the body there is only the caller's leaving to wait for.
            async with asyncio.timeout(None if self.is_over else STALL_S):
                message = await self._receive()
        except TimeoutError:
            text = N_("Nothing more of what you were sending came for {limit} s. Send it again.")
            self.refusal, self.is_over = Refusal(408, "request_stalled", text, limit=round(STALL_S)), True
            return {"type": "http.disconnect"}
        self.is_over = not message.get("more_body", False)
        return message


async def drain(receive: Receive) -> None:
    """Throw away the rest of a body, for DRAIN_S at most."""
    try:
        async with asyncio.timeout(DRAIN_S):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        return


def _too_large(limit_bytes: int) -> DemoError:
    if limit_bytes == SMALL_BODY_BYTES:
        message = N_("The request has more than {limit} KB, the most that is read here. Send less at once.")
        return InputTooLargeError(message, limit=limit_bytes // 1024)
    message = N_("The request has more than {limit} MB, the most that is read here. Send less at once.")
    return InputTooLargeError(message, limit=f"{limit_bytes / 2**20:g}")
