"""A Streamlit browser session without the browser: the protobuf websocket, timed."""

import time
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol


class PageError(Exception):
    """The page showed an exception, or its script did not end well."""


@dataclass(frozen=True)
class Rerun:
    """One run of the page's script, from the request to script_finished."""

    elapsed_ms: float
    messages: int
    size_bytes: int


@dataclass
class Session:
    """One visitor's tab on one page.

    Speaks as Streamlit's frontend does: the same subprotocol and Origin, permessage-deflate offered, the page
    and the cached messages named in each request. Widgets keep their defaults.
    """

    url: str
    page_name: str = ""
    compression: str | None = "deflate"
    _socket: ClientConnection | None = None
    _page_script_hash: str = ""
    _cached_hashes: set[str] = field(default_factory=set)

    async def __aenter__(self) -> "Session":
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(self.url),
            subprotocols=[Subprotocol("streamlit")],
            compression=self.compression,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            open_timeout=60,
            proxy=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()

    async def rerun(self) -> Rerun:
        """Run the page's script once. Raises PageError when the page shows an exception."""
        started_s = time.perf_counter()
        await self._socket.send(self._request())
        messages = size_bytes = 0
        while True:
            frame = await self._socket.recv(decode=False)
            messages += 1
            size_bytes += len(frame)
            if self._is_end(ForwardMsg.FromString(frame)):
                return Rerun((time.perf_counter() - started_s) * 1000, messages, size_bytes)

    def _request(self) -> bytes:
        request = BackMsg()
        state = request.rerun_script
        state.page_script_hash = self._page_script_hash
        state.page_name = "" if self._page_script_hash else self.page_name
        state.cached_message_hashes.extend(self._cached_hashes)
        state.context_info.locale = "en-US"
        state.context_info.timezone = "UTC"
        state.context_info.timezone_offset = 0
        state.context_info.url = f"{self.url}/{self.page_name}"
        state.context_info.is_embedded = False
        state.context_info.color_scheme = "light"
        return request.SerializeToString()

    def _is_end(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._cached_hashes.add(message.hash)
        if kind == "new_session":
            self._page_script_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self._page_script_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.new_element.HasField("exception"):
            raise PageError(message.delta.new_element.exception.message)
        elif kind == "page_not_found" or kind == "session_event":
            raise PageError(f"{self.url}/{self.page_name}: {kind}")
        elif kind == "script_finished":
            # An early finish is a page that asked for a rerun of itself; its end is still to come.
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise PageError("the page's script does not compile")
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False
