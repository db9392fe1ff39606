"""A copy that runs models: the front door of one Ray Serve replica. Everything that goes wrong leaves as a sentence."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from typing import Any

from ray import serve
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core import cluster_words, device, sources
from core.catalog import Catalog, ModelSpec
from core.engines import Engine, load_engine
from core.errors import DemoError, InferenceError, InputTooLargeError, InvalidInputError, ModelLoadError
from core.garbage import Garbage
from core.settings import Settings
from core.wire import (
    EXCHANGES,
    MAX_REQUEST_BYTES,
    MEDIA_TYPE,
    Answer,
    Failure,
    Frame,
    Outcome,
    framed,
    pack,
    unpack,
)
from serving.loaded import GrowingModel, Left, WholeModel, loaded
from serving.plan import Group

log = logging.getLogger("vitrine.serving")
MB = 2**20


def load_checked(spec: ModelSpec, settings: Settings) -> Engine:
    """The model's engine on this replica's device. Raises ModelLoadError when its weights are not here, or damaged."""
    folder = sources.locate(spec, models_dir=settings.models_dir)
    if folder is None:
        raise ModelLoadError(cluster_words.NOT_HERE, model=spec.title)
    sources.check(spec, folder)
    return load_engine(spec, folder, device.detect(settings.device, settings.memory_mb))


def replica_class(group: Group) -> type:
    """The class of the group's deployment; how many models it keeps is fixed when Ray Serve sees it."""

    class Replica:
        """Answers POST <route>/<task>/predict and .../stream with the model that the request's header names."""

        async def __init__(
            self, catalog: Catalog, settings: Settings, load: Callable[[ModelSpec, Settings], Engine]
        ) -> None:
            """Ray Serve sends nothing here before this has ended: before the warm models are loaded."""
            self._catalog = catalog
            self._settings = settings
            self._load = load
            # One at a time: the libraries mix up models that are read side by side.
            self._loader = ThreadPoolExecutor(1, thread_name_prefix="load")
            self._loadings: dict[str, asyncio.Task] = {}
            self._garbage = Garbage()
            for model_id in group.warm:
                await self.model(model_id)

        async def __call__(self, request: Request) -> Response:
            spec = None
            try:
                spec = self._spec(request)
                body = await _body(request)
                exchange = EXCHANGES[spec.task]
                if exchange.streams:
                    frames = self._grown(spec, _read(body, exchange.item))
                    return StreamingResponse(frames, media_type=MEDIA_TYPE)
                answer = await self._answered(spec, _read(body, list[exchange.item]))
                return Response(pack(answer), media_type=MEDIA_TYPE)
            except Exception as error:
                failure = _failure(error, spec)
                status = 422 if isinstance(error, InvalidInputError) else 503
                return Response(pack(failure), status_code=status, media_type=MEDIA_TYPE)

        async def _answered(self, spec: ModelSpec, items: list) -> Answer:
            while True:
                model = await self.model(spec.model_id)
                try:
                    results = await model.answer(items)
                except Left:
                    continue
                return Answer(model.device, [_outcome(result, spec) for result in results])

        async def _grown(self, spec: ModelSpec, item: Any) -> AsyncIterator[bytes]:
            """The frames of the answer; its failure is the last one."""
            try:
                while True:
                    model = await self.model(spec.model_id)
                    with suppress(Left):
                        async with aclosing(model.grow(item)) as frames:
                            async for frame in frames:
                                yield framed(frame)
                        return
            except Exception as error:
                yield framed(Frame(failure=_failure(error, spec)))

        @serve.multiplexed(max_num_models_per_replica=group.max_models)
        async def model(self, model_id: str) -> WholeModel | GrowingModel:
            """Load it; who asks again while it is being loaded, after a caller has left, waits for the same."""
            spec = self._catalog.spec(model_id)
            if model_id not in self._loadings:
                self._loadings[model_id] = asyncio.create_task(self._loaded(spec))
            loading = self._loadings[model_id]
            try:
                return await asyncio.shield(loading)
            finally:
                if loading.done():
                    self._loadings.pop(model_id, None)

        async def _loaded(self, spec: ModelSpec) -> WholeModel | GrowingModel:
            run = asyncio.get_running_loop().run_in_executor
            engine = await run(self._loader, self._load, spec, self._settings)
            await run(self._loader, self._garbage.collect)
            log.info("model_loaded", extra={"model_id": spec.model_id})
            return loaded(engine, spec, max_queue_size=group.max_queued_requests, left=self._forget)

        def _forget(self) -> None:
            self._garbage.left()
            self._garbage.collect_left_soon()

        def _spec(self, request: Request) -> ModelSpec:
            model_id = serve.get_multiplexed_model_id()
            spec = next((spec for spec in self._catalog.specs if spec.model_id == model_id), None)
            if spec is None or spec.task not in EXCHANGES:
                raise ModelLoadError(cluster_words.UNKNOWN, model=model_id[:100])
            return spec

    return Replica


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            raise InputTooLargeError(cluster_words.TOO_LARGE, limit=MAX_REQUEST_BYTES // MB)
    return bytes(body)


def _read(body: bytes, kind: Any) -> Any:
    try:
        return unpack(body, kind)
    except ValueError:
        raise InferenceError(cluster_words.UNREAD) from None


def _outcome(result: Any, spec: ModelSpec) -> Outcome:
    return Outcome(failure=_failure(result, spec)) if isinstance(result, Exception) else Outcome(result)


def _failure(error: Exception, spec: ModelSpec | None) -> Failure:
    """A bug is logged under an id, and its caller is told that id."""
    if isinstance(error, DemoError):
        return Failure.of(error)
    error_id = secrets.token_hex(4)
    title = spec.title if spec else "Vitrine"
    log.error("bug", extra={"error_id": error_id}, exc_info=error)
    return Failure.of(InferenceError(cluster_words.FAILED, model=title, error_id=error_id))
