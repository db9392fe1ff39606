"""The REST API as a part of the web application; FastAPI is imported at its first request, not before."""

import importlib
import threading
from collections.abc import Callable
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send


def routes() -> list[BaseRoute]:
    """What the web application serves beside its pages."""
    return api_routes(_api())


def prepare() -> None:
    """Build the API unless it is built; the warm-up calls this so that no caller waits for it."""
    _api().prepare()


def api_routes(app: ASGIApp) -> list[BaseRoute]:
    return [Route("/api", _to_docs), Mount("/api", app=app)]


class LazyApi:
    """An ASGI app that is built when it is first needed: importing FastAPI takes 0.3 s."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self._build = build
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        with self._lock:
            if self._app is None:
                self._app = self._build()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            await run_in_threadpool(self.prepare)
        # The routes and the OpenAPI document have whole paths, as a caller types them.
        await self._app({**scope, "root_path": scope.get("app_root_path", "")}, receive, send)


@cache
def _api() -> LazyApi:
    return LazyApi(lambda: importlib.import_module("api.build").build_app())


async def _to_docs(request: Request) -> RedirectResponse:
    return RedirectResponse("/api/docs")
