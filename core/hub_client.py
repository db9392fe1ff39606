"""The HTTP client that the hub's library is given: it never waits without end, and leaves retries to us."""

from collections.abc import Iterator

import httpx2
from huggingface_hub import constants, get_session, set_client_factory

from core.hub_failures import Unanswered

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 7.0
"""Longest silence of a server; a transfer that stalls is resumed once, so we give up after 15 s."""
CHUNK_BYTES = 64 * 1024
"""Granularity of progress, of cancel and of resuming; the library's own is 10 MiB."""
_BUSY = (408, 429, 500, 502, 503, 504)


class HubClient(httpx2.Client):
    """Sends what the library asks for, with time-outs: most of its own calls have none."""

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: object) -> httpx2.Response:
        timeout = httpx2.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        request.extensions = {**request.extensions, "timeout": timeout.as_dict()}
        try:
            response = super().send(request, stream=stream, **options)
        except httpx2.TransportError as error:
            # The library would try a HEAD six times, 60 s each, and nobody could stop it.
            raise Unanswered(str(error)) from error
        if response.status_code in _BUSY:
            response.close()
            response.raise_for_status()
        if stream:
            response.stream = _Resumable(response.stream)
        return response


class _Resumable(httpx2.SyncByteStream):
    """A body whose reset (RST) reads like a closed connection: the library resumes only after the latter."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except httpx2.ReadError as error:
            raise httpx2.RemoteProtocolError(str(error)) from error

    def close(self) -> None:
        self._stream.close()


def install() -> None:
    """Make the hub's library use this client in this process, with its own hooks (request id, offline)."""
    hooks = get_session().event_hooks
    set_client_factory(lambda: HubClient(event_hooks=hooks, follow_redirects=True))
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES
