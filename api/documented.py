"""The error responses of the OpenAPI document, with an example of each."""

from typing import Any

from api.schemas import ErrorBody

_EXAMPLES = {
    400: (
        "The body cannot be read.",
        "bad_request",
        "The body is not valid JSON: the mistake is at character 17.",
    ),
    401: (
        "The operator's token is missing or wrong.",
        "not_authenticated",
        "The operator's token is missing ...",
    ),
    403: ("Not for this caller.", "not_allowed", "Only the operator may do this. ..."),
    404: ("There is no such thing, or it has expired.", "not_found", "Nothing is kept under this id. ..."),
    409: ("Not now.", "model_in_use", "The model is answering somebody. Try again in a moment."),
    413: (
        "The request or the file is too large.",
        "input_too_large",
        "The file has 41 MB; the limit is 30 MB. ...",
    ),
    422: ("The request cannot be used as it is.", "invalid_input", "The field question is missing."),
    429: (
        "Too often, or the server is full.",
        "rate_limited",
        "You may ask 120 times a minute. Try again in 7 s.",
    ),
    500: ("A bug; report the id.", "internal", "Something went wrong on our side. Report the id 5f0c... ."),
    503: (
        "A model cannot be had yet.",
        "model_unavailable",
        "The knowledge base is being read: 640 of 9,000 texts.",
    ),
    504: ("No answer within the deadline.", "deadline_exceeded", "The answer did not come within 30 s. ..."),
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these statuses (429, 500 and 422 it always may)."""
    return {status: _documented(status) for status in sorted({*statuses, 422, 429, 500})}


def _documented(status: int) -> dict[str, Any]:
    description, code, message = _EXAMPLES[status]
    example = {"error": {"code": code, "message": message}}
    return {
        "model": ErrorBody,
        "description": description,
        "content": {"application/json": {"example": example}},
    }
