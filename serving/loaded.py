"""One loaded model on a replica: whole answers merged into batches by Ray Serve, or answers that grow together."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from ray import serve

from core.batchers import GONE
from core.batching import outcomes_of
from core.catalog import ModelSpec
from core.engines import Engine
from core.errors import ModelLoadError
from core.streaming import Stream, StreamBatcher
from core.wire import EXCHANGES, Frame

# A growing answer without anything new for so long is given up.
SILENCE_S = 60.0
# A model that has to leave waits so long for the answers that it is writing.
GOODBYE_S = 120.0


class Left(Exception):
    """The model left while a request waited for it: ask for it again."""


class WholeModel:
    """A model that answers whole. One thread owns it; Ray Serve merges the requests that came while it was busy.

    Ray Serve would close a batch after a fixed time, also while the model is busy, and let the next ones queue up
    one by one. So requests wait here, and go in together when the model is free; a lone one waits for nobody.
    """

    def __init__(self, engine: Engine, spec: ModelSpec, *, left: Callable[[], None]) -> None:
        """`left()` is called once the model has left."""
        self.device = engine.device.title
        self._engine: Engine | None = engine
        self._left = left
        self._max_batch_size = spec.max_batch_size
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"model-{spec.model_id}")
        most = max(spec.max_batch_size, EXCHANGES[spec.task].max_items)

        @serve.batch(max_batch_size=most, batch_wait_timeout_s=0.0, batch_size_fn=_count)
        async def merged(requests: list[list]) -> list[list]:
            return await self._together(requests)

        self._merged = merged

    async def answer(self, items: list) -> list:
        """A result or an exception for each item. Raises Left."""
        await self._is_idle.wait()
        return await self._merged(items)

    def __del__(self) -> None:
        """Ray Serve calls it when the model has to leave: after what is under way."""
        if self._engine:
            self._thread.submit(self._engine.close)
            self._thread.submit(self._left)
            self._thread.shutdown(wait=False)
            self._engine = None

    async def _together(self, requests: list[list]) -> list[list]:
        if self._engine is None:
            raise Left
        items = [item for request in requests for item in request]
        run = asyncio.get_running_loop().run_in_executor
        self._is_idle.clear()
        try:
            results = iter(await run(self._thread, _outcomes, self._engine, items, self._max_batch_size))
        finally:
            self._is_idle.set()
        return [[next(results) for _item in request] for request in requests]


class GrowingModel:
    """A model whose answers grow: the project's own batcher lets them come and go between two steps.

    Ray Serve's batches of streams begin and end together.
    """

    def __init__(
        self, engine: Engine, spec: ModelSpec, *, max_queue_size: int, left: Callable[[], None]
    ) -> None:
        """`left()` is called once the model has left."""
        self.device = engine.device.title
        self._left = left
        rows = spec.max_batch_size
        self._engine: Engine | None = engine
        self._batcher = StreamBatcher(engine, max_rows=rows, max_queue_size=max_queue_size)
        self._readers = ThreadPoolExecutor(rows + max_queue_size, thread_name_prefix="stream")
        self._growing = 0
        self._changed = threading.Condition()

    async def grow(self, item: Any) -> AsyncIterator[Frame]:
        """The pieces as they come, an empty one now and then, the end. Closing it stops the model within one step.

        Raises Left before the first frame, and what ended the answer.
        """
        with self._submitted(item) as stream:
            pieces = stream.pieces(SILENCE_S)
            next_piece = asyncio.get_running_loop().run_in_executor
            yield Frame(device=self.device)
            while (piece := await next_piece(self._readers, _next, pieces)) is not None:
                yield Frame(piece)
            yield Frame(end=_result(stream))

    def __del__(self) -> None:
        """Ray Serve calls it, on a thread, when the model has to leave: after what is under way."""
        if self._engine is None:
            return
        with self._changed:
            engine, self._engine = self._engine, None
            self._changed.wait_for(lambda: not self._growing, GOODBYE_S)
        self._batcher.close()
        self._readers.shutdown(wait=False)
        engine.close()
        self._left()

    @contextmanager
    def _submitted(self, item: Any) -> Iterator[Stream]:
        with self._changed:
            if self._engine is None:
                raise Left
            stream = self._batcher.submit(item)
            self._growing += 1
        try:
            yield stream
        finally:
            stream.cancel()
            with self._changed:
                self._growing -= 1
                self._changed.notify_all()


def loaded(
    engine: Engine, spec: ModelSpec, *, max_queue_size: int, left: Callable[[], None]
) -> WholeModel | GrowingModel:
    if EXCHANGES[spec.task].streams:
        return GrowingModel(engine, spec, max_queue_size=max_queue_size, left=left)
    return WholeModel(engine, spec, left=left)


def _count(requests: list[list]) -> int:
    return sum(len(items) for items in requests)


def _outcomes(engine: Any, items: list, most: int) -> list:
    """A result or an exception for each item, in batches of `most`."""
    batches = [items[start : start + most] for start in range(0, len(items), most)]
    return [outcome for batch in batches for outcome in outcomes_of(engine.predict, batch)]


def _next(pieces: Iterator[str]) -> str | None:
    return next(pieces, None)


def _result(stream: Stream) -> Any:
    try:
        return stream.result(0)
    except CancelledError:
        raise ModelLoadError(GONE) from None
