"""What an OpenAI-compatible endpoint's failures mean, as sentences for people, without the client's own exception.

That exception knows the request, and so the key: it is never passed on.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
import openai

from core.catalog import ModelSpec
from core.errors import (
    N_,
    DeadlineError,
    DemoError,
    InferenceError,
    InvalidInputError,
    ModelLoadError,
    OverloadedError,
)

# Words of the endpoint's own that are passed on.
REASON_CHARS = 200
# Where the endpoint does not say when to come back.
RETRY_AFTER_S = 10
FAILURES = (openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError)


@contextmanager
def explained(
    spec: ModelSpec, *, secret: str, is_midway: bool = False, kind: type[DemoError] | None = None
) -> Iterator[None]:
    """Turn the client's exceptions into DemoErrors, of this `kind` if given. `is_midway`: the answer had begun."""
    try:
        yield
    except FAILURES as failure:
        told = _broken_off(failure, spec) if is_midway else _told(failure, spec)
        raise (kind or type(told))(told.msgid, **_without(secret, told.params)) from None


def _without(secret: str, params: dict[str, object]) -> dict[str, object]:
    """Some endpoints repeat the key in their complaint."""
    return {
        key: value.replace(secret, "***") if isinstance(value, str) else value
        for key, value in params.items()
    }


def _broken_off(failure: Exception, spec: ModelSpec) -> DemoError:
    match failure:
        case openai.APIConnectionError() | httpx2.HTTPError():
            return InferenceError(BROKEN_OFF, model=spec.title)
        case openai.APIError():
            return InferenceError(_GAVE_UP, model=spec.title, reason=_reason(failure))
        case _:
            return InferenceError(NO_ANSWER, model=spec.title)


def _told(failure: Exception, spec: ModelSpec) -> DemoError:
    match failure:
        case openai.APITimeoutError():
            return DeadlineError(_SILENT, model=spec.title)
        case openai.APIStatusError():
            return _told_by_status(failure, spec)
        case openai.APIConnectionError():
            return ModelLoadError(_UNREACHED, model=spec.title, address=_address(spec))
        case _:
            return InferenceError(NO_ANSWER, model=spec.title)


def _told_by_status(failure: openai.APIStatusError, spec: ModelSpec) -> DemoError:
    status = failure.status_code
    match status:
        case 401 | 403:
            return ModelLoadError(_NO_ENTRY, model=spec.title, status=status)
        case 404:
            return ModelLoadError(_UNKNOWN, model=spec.remote_name or spec.title)
        case 429:
            return OverloadedError(_BUSY, model=spec.title, seconds=_retry_after_s(failure))
        case _ if status >= 500:
            return ModelLoadError(_FAILED, model=spec.title, status=status)
        case _:
            return InvalidInputError(_REFUSED, model=spec.title, reason=_reason(failure))


def _reason(failure: openai.APIError) -> str:
    body = failure.body if isinstance(failure.body, dict) else {"message": failure.body}
    told = body.get("message") or body.get("detail") or failure.message
    words = str(told).strip() or type(failure).__name__
    return words.splitlines()[0][:REASON_CHARS].rstrip(".")


def _address(spec: ModelSpec) -> str:
    """Host and port only: an address may carry a password."""
    parts = urlsplit(spec.endpoint or "")
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _retry_after_s(failure: openai.APIStatusError) -> int:
    value = failure.response.headers.get("retry-after", "")
    return int(value) if value.isdecimal() and len(value) < 6 else RETRY_AFTER_S


BROKEN_OFF = N_(
    "The endpoint of {model} broke off in the middle of the answer. Keep what came, or try again."
)
NO_ANSWER = N_(
    "The endpoint of {model} gave something that is no answer. Check that VITRINE_LLM_BASE_URL ends where "
    "its OpenAI-compatible interface begins, mostly in /v1."
)
_GAVE_UP = N_("The endpoint of {model} gave up: {reason}. Try again, or choose another model.")
_SILENT = N_("The endpoint of {model} did not answer in time. Try again, or choose another model.")
_UNREACHED = N_(
    "The endpoint of {model} cannot be reached at {address}. Check that it runs, and VITRINE_LLM_BASE_URL."
)
_NO_ENTRY = N_(
    "The endpoint of {model} did not let us in (status {status}). Set VITRINE_LLM_API_KEY to a valid key."
)
_UNKNOWN = N_(
    "The endpoint does not know {model}. Check VITRINE_LLM_MODEL, and that VITRINE_LLM_BASE_URL ends in /v1."
)
_BUSY = N_("The endpoint of {model} has too much to do. Try again in {seconds} s.")
_FAILED = N_("The endpoint of {model} failed (status {status}). Try again, or choose another model.")
_REFUSED = N_("The endpoint of {model} did not take the request: {reason}. Change the text or the options.")
