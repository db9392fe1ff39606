"""Asking a Ray Serve cluster over HTTP: items in, results or pieces out, every failure a sentence.

What breaks off before anything came is asked once more, for asking changes nothing; a copy of the model that has
died is replaced by another one meanwhile.
"""

import math
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from urllib.parse import urlsplit

import httpx2

from core import cluster_words
from core.catalog import ModelSpec
from core.errors import (
    DeadlineError,
    DemoError,
    InferenceError,
    ModelLoadError,
    OverloadedError,
)
from core.wire import (
    EXCHANGES,
    MEDIA_TYPE,
    MODEL_HEADER,
    Answer,
    Failure,
    Frame,
    Unframer,
    unpack,
)

CONNECT_S = 3.0
# Whoever waits has a deadline of their own; this ends what nobody waits for, as indexing does.
READ_S = 120.0
# Of one frame of a growing text, or of an answer's.
MAX_FRAME_BYTES = 2**22
# Where the cluster does not say when to come back.
RETRY_AFTER_S = 10
# A connection that was lost, or closed by the other side just when it was used again.
LOST = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError, httpx2.CloseError)
SILENT = (httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.PoolTimeout)


class _BrokenOff(Exception):
    """The connection or the copy that answered is gone."""


class ClusterClient:
    """One model of the cluster at `address`, for use on one event loop."""

    def __init__(self, address: str, spec: ModelSpec) -> None:
        self._spec = spec
        self._exchange = EXCHANGES[spec.task]
        self._place = place_of(address)
        self._http = httpx2.AsyncClient(
            base_url=f"{address}/vitrine/{spec.task}/",
            headers={MODEL_HEADER: spec.model_id, "content-type": MEDIA_TYPE},
            timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
            trust_env=False,
            verify=is_secure(address),
        )

    async def ask(self, body: bytes) -> Answer:
        """The answer to a request's items. Raises a DemoError when there is none."""
        for is_last in (False, True):
            try:
                async with self._post("predict", body) as response:
                    return unpack(await response.aread(), Answer[self._exchange.result])
            except _BrokenOff:
                if is_last:
                    raise InferenceError(cluster_words.BROKEN_TWICE, model=self._spec.title) from None
            except ValueError:
                raise InferenceError(cluster_words.UNREADABLE) from None
        raise AssertionError("both tries end above")

    async def grow(self, body: bytes) -> AsyncIterator[Frame]:
        """The frames of one answer as they come; closing this closes the connection. Raises a DemoError."""
        last = Frame()
        has_begun = False
        for is_last_try in (False, True):
            try:
                async with aclosing(self._frames(body)) as frames:
                    async for last in frames:
                        has_begun = has_begun or bool(last.text)
                        yield last
            except _BrokenOff:
                if not _is_end(last) and (has_begun or is_last_try):
                    message = cluster_words.BROKEN_OFF if has_begun else cluster_words.BROKEN_TWICE
                    raise InferenceError(message, model=self._spec.title) from None
            if _is_end(last):
                return

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _frames(self, body: bytes) -> AsyncIterator[Frame]:
        """Read to the end of the response, so that its connection can be used again."""
        unframer = Unframer(limit_bytes=MAX_FRAME_BYTES)
        frame = Frame()
        async with self._post("stream", body) as response:
            async for data in response.aiter_raw():
                for frame in _unframed(unframer, data):
                    yield frame
        if not _is_end(frame):
            raise _BrokenOff

    @asynccontextmanager
    async def _post(self, path: str, body: bytes) -> AsyncIterator[httpx2.Response]:
        try:
            async with self._http.stream("POST", path, content=body) as response:
                if response.status_code != 200 or response.headers.get("content-type") != MEDIA_TYPE:
                    raise self._told(response, await response.aread())
                yield response
        except LOST:
            raise _BrokenOff from None
        except SILENT:
            raise DeadlineError(cluster_words.SILENT, model=self._spec.title, seconds=round(READ_S)) from None
        except httpx2.TransportError:
            raise ModelLoadError(
                cluster_words.UNREACHED, model=self._spec.title, address=self._place
            ) from None

    def _told(self, response: httpx2.Response, body: bytes) -> Exception:
        title = self._spec.title
        match response.status_code:
            case _ if response.headers.get("content-type") == MEDIA_TYPE:
                return self._failure(body)
            case 404:
                return not_served(self._spec, self._place)
            case 408:
                return DeadlineError(cluster_words.SILENT, model=title, seconds=round(READ_S))
            case 429:
                return OverloadedError(cluster_words.BUSY, model=title, seconds=_retry_after_s(response))
            case 502 | 503 | 504:
                return no_copy(self._spec)
            case 500:
                # Ray's word for a copy that has died; our own copies say more.
                return _BrokenOff()
            case _:
                return InferenceError(cluster_words.UNREADABLE)

    def _failure(self, body: bytes) -> DemoError:
        try:
            return unpack(body, Failure).error()
        except ValueError:
            return InferenceError(cluster_words.UNREADABLE)


def is_secure(address: str) -> bool:
    """Whether certificates are checked; reading those that one trusts takes a while, and is for nothing without TLS."""
    return address.startswith("https:")


def place_of(address: str) -> str:
    """Host and port only: an address may carry a password."""
    parts = urlsplit(address)
    return f"{parts.hostname}:{parts.port or (443 if is_secure(address) else 80)}"


def no_copy(spec: ModelSpec) -> ModelLoadError:
    return ModelLoadError(cluster_words.NO_COPY, model=spec.title)


def not_served(spec: ModelSpec, place: str) -> ModelLoadError:
    return ModelLoadError(cluster_words.NOT_SERVED, model=spec.title, address=place)


def _is_end(frame: Frame) -> bool:
    return bool(frame.end or frame.failure)


def _unframed(unframer: Unframer, data: bytes) -> list[Frame]:
    try:
        return [unpack(each, Frame) for each in unframer.feed(data)]
    except ValueError:
        raise InferenceError(cluster_words.UNREADABLE) from None


def _retry_after_s(response: httpx2.Response) -> int:
    value = response.headers.get("retry-after", "")
    return max(1, math.ceil(int(value))) if value.isdecimal() and len(value) < 6 else RETRY_AFTER_S
