"""A Streamlit browser session without the browser: the protobuf websocket, timed."""

import time
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
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
    alerts: list[str] = field(default_factory=list)
    """What the last run told the visitor in boxes: refusals, warnings, and that something went wrong."""
    buttons: dict[str, str] = field(default_factory=dict)
    """The ids of the buttons on the page, by key."""
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

    async def abort(self) -> None:
        """Leave as a visitor does whose network breaks: without a word, whatever is under way."""
        self._socket.transport.abort()

    async def begin(self, click: str | None = None) -> None:
        """Ask for a run of the page's script, and wait for nothing."""
        await self._socket.send(self._request(click))

    async def rerun(self, click: str | None = None) -> Rerun:
        """Run the page's script once, if asked to with a click on the button of this key.

        Raises PageError when the page shows an exception.
        """
        started_s = time.perf_counter()
        self.alerts.clear()
        await self.begin(click)
        messages = size_bytes = 0
        while True:
            frame = await self._socket.recv(decode=False)
            messages += 1
            size_bytes += len(frame)
            if self._is_end(ForwardMsg.FromString(frame)):
                return Rerun((time.perf_counter() - started_s) * 1000, messages, size_bytes)

    def _request(self, click: str | None) -> bytes:
        request = BackMsg()
        state = request.rerun_script
        if click:
            state.widget_states.widgets.add(id=self.buttons[click], trigger_value=True)
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
        elif kind == "delta":
            self._look_at(message.delta.new_element)
        elif kind == "page_not_found" or kind == "session_event":
            raise PageError(f"{self.url}/{self.page_name}: {kind}")
        elif kind == "script_finished":
            # An early finish is a page that asked for a rerun of itself; its end is still to come.
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise PageError("the page's script does not compile")
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def _look_at(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise PageError(element.exception.message)
        if kind == "alert":
            self.alerts.append(element.alert.body)
        elif kind == "button":
            # $$ID-<hash>-<key>
            self.buttons[element.button.id.split("-", 2)[-1]] = element.button.id
