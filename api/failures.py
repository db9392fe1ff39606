"""What a refusal looks like to the caller: its status, headers and JSON. Knows no web framework."""

from core import locales
from core.errors import (
    DeadlineError,
    DemoError,
    InputTooLargeError,
    InvalidInputError,
    ModelLoadError,
    NotAllowedError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
)
from core.store import StoreError

STATUSES: dict[type[DemoError], int] = {
    InvalidInputError: 422,
    InputTooLargeError: 413,
    NotFoundError: 404,
    NotAllowedError: 403,
    OverloadedError: 429,
    RateLimitedError: 429,
    ModelLoadError: 503,
    DeadlineError: 504,
    StoreError: 503,
}
# Seconds after which trying again makes sense, where the error itself does not say.
RETRY_AFTER_S = {429: 2, 503: 5}


class Refusal(DemoError):
    """What only the front door refuses: a foreign host, an unknown route, a body that is no JSON ..."""

    def __init__(self, status: int, code: str, msgid: str, **params: object) -> None:
        super().__init__(msgid, **params)
        self.status = status
        self.code = code


def status_of(error: DemoError) -> int:
    """The HTTP status for an error; 500 for one that is nobody's fault but ours."""
    if isinstance(error, Refusal):
        return error.status
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def headers_of(error: DemoError) -> dict[str, str]:
    """Headers that tell a program what to do next."""
    status = status_of(error)
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status in RETRY_AFTER_S:
        return {"Retry-After": str(_wait_s(error, status))}
    return {}


def _wait_s(error: DemoError, status: int) -> object:
    """What the error itself says, else the usual; only of a full queue are `seconds` how long to wait."""
    said = error.params.get("seconds") if isinstance(error, OverloadedError) else None
    return error.params.get("retry_after_s") or said or RETRY_AFTER_S[status]


def body_of(error: DemoError, language: str) -> dict:
    """The JSON of every error of the API, its sentence in `language`."""
    return {"error": {"code": error.code, "message": locales.translate_error(error, language)}}
