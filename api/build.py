"""The FastAPI app: its routes, its errors and its document. Imported at the first request, never before."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import (
    content,
    customer_service,
    docs,
    feedback,
    health,
    images,
    models,
    recommendation,
    recommendation_evaluate,
    translation,
    triage,
)
from api.bugs import Bugs
from api.calls import Calls
from api.failures import Refusal, body_of, headers_of, status_of
from api.in_memory import keep_uploads_in_memory
from api.validation import failure_of
from core import locales
from core.errors import N_, DemoError
from core.showcase import Showcase, showcase

PARTS = (
    health,
    models,
    customer_service,
    translation,
    content,
    images,
    recommendation,
    recommendation_evaluate,
    triage,
    feedback,
    docs,
)
VERSION = "0.1.0"
DESCRIPTION = """
The demos of Vitrine for programs: the same functions as the pages, the same models, the same limits.

Errors are `{"error": {"code", "message"}}`; the message is a sentence for people in the language of
`Accept-Language` (`en` or `zh`). After 429 and 503 wait for the seconds in `Retry-After`. Every response
carries an `X-Request-ID`; quote it when you report a failure.
"""
_MESSAGES = {
    400: ("bad_request", N_("The request could not be read. GET /api/docs shows what is expected.")),
    404: ("not_found", N_("There is nothing at this address. GET /api/docs lists what there is.")),
    405: ("method_not_allowed", N_("This address does not take {method}. It takes {allowed}.")),
    413: ("input_too_large", N_("The request is larger than what is read here. Send less at once.")),
}


def build_app(place: Showcase | None = None) -> FastAPI:
    """The API of this showcase (without one: the process's own); its paths begin with /api."""
    app = FastAPI(
        title="Vitrine API",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        # Nothing about a request leaves this process.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    # It writes a line for every malformed body, which anyone may send.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    keep_uploads_in_memory()
    app.state.calls = Calls(place or showcase())
    for part in PARTS:
        app.include_router(part.router, prefix="/api")
    app.add_exception_handler(DemoError, _demo_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_middleware(Bugs)
    return app


async def _demo_error(request: Request, error: DemoError) -> JSONResponse:
    language = locales.best_language(request.headers.get("accept-language"))
    return JSONResponse(body_of(error, language), status_of(error), headers_of(error))


async def _validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    return await _demo_error(request, failure_of(error.errors()))


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    """What the framework itself refuses: unknown addresses, other methods, bodies it cannot read."""
    code, message = _MESSAGES.get(error.status_code, _MESSAGES[400])
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    refusal = Refusal(
        error.status_code, code, message, method=request.method, allowed=headers.get("Allow", "")
    )
    response = await _demo_error(request, refusal)
    response.headers.update(headers)
    return response


def _methods(request: Request) -> list[str]:
    """All methods of an address; the router names those of the first route that has it."""
    path = request.url.path.removeprefix("/api")
    routes = [route for part in PARTS for route in part.router.routes if route.path_regex.match(path)]
    return sorted({method for route in routes for method in route.methods})
