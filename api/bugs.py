"""The API's one place for what nobody expected: the log gets the traceback, the caller an id."""

import logging

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.failures import Refusal, body_of
from api.visitors import visitor_at
from core import locales
from core.errors import N_

log = logging.getLogger("vitrine.api")


class Bugs:
    """ASGI middleware: an exception that no handler knows becomes 500 with the request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def noticing(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Exception:
            request_id = visitor_at(scope).request_id
            log.exception("request_failed", extra={"path": scope["path"]})
            if has_started:
                raise
            await _sorry(scope, request_id)(scope, receive, send)


def _sorry(scope: Scope, request_id: str) -> JSONResponse:
    message = N_("Something went wrong on our side. Report the id {request_id} if it happens again.")
    refusal = Refusal(500, "internal", message, request_id=request_id)
    wanted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return JSONResponse(body_of(refusal, locales.best_language(wanted)), 500)
