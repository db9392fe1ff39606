"""Routes whose uploads never touch a disk: X-rays carry names in their tags, and sometimes in their pixels."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

MULTIPART = "multipart/form-data"


class InMemoryRoute(APIRoute):
    """For APIRouter(route_class=InMemoryRoute). How much memory an upload may take is the guard's to bound."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def in_memory(request: Request) -> Response:
            return await handle(_InMemoryRequest(request.scope, request.receive))

        return in_memory


class _Parser(MultiPartParser):
    # A spooled file with no bound stays in memory; Starlette's own writes what is larger than 1 MB to a disk.
    spool_max_size = 2**40


class _InMemoryRequest(Request):
    async def _get_form(self, **limits: Any) -> FormData:
        # Starlette has no setting for the size that goes to a disk, only the attribute of its parser's class.
        if self._form is None and self.headers.get("content-type", "").startswith(MULTIPART):
            try:
                self._form = await _Parser(self.headers, self.stream(), **limits).parse()
            except MultiPartException as error:
                raise HTTPException(status_code=400, detail=error.message) from error
        return await super()._get_form(**limits)
