"""Request bodies kept within a bound, before anything is parsed and without being kept."""

import asyncio

from starlette.types import Message, Receive

# A caller in the middle of sending does not listen; so what is too much is read and thrown away for a while.
DRAIN_S = 10.0


class BoundedBody:
    """A `receive` that ends the body when it grows over `limit_bytes`."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._left_bytes = limit_bytes
        self.is_exceeded = False
        self.is_complete = False

    async def receive(self) -> Message:
        """The next message; once the bound is passed, the caller seems to have gone."""
        if self.is_exceeded:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self.is_complete = not message.get("more_body", False)
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            self.is_exceeded = True
            return {"type": "http.disconnect"}
        return message


async def drain(receive: Receive) -> None:
    """Throw away the rest of a body, for DRAIN_S at most."""
    try:
        async with asyncio.timeout(DRAIN_S):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        return
