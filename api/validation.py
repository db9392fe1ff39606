"""What Pydantic found wrong with a request, as one sentence for a person."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.failures import Refusal
from core.errors import N_, DemoError, InvalidInputError

_MISSING = N_("The field {field} is missing.")
_UNKNOWN = N_("There is no field {field} here. GET /api/docs shows the fields.")
_TEXT = N_("The field {field} has to be a text.")
_NUMBER = N_("The field {field} has to be a number.")
_AT_LEAST = N_("The field {field} has to be {limit} or more.")
_AT_MOST = N_("The field {field} has to be {limit} or less.")
_CHOICE = N_("The field {field} has to be one of: {choices}.")
_LIST = N_("The field {field} has to be a list.")
_TOO_LONG = N_("The field {field} has more than {limit} items. Send fewer.")
_TOO_MANY_CHARS = N_("Keep the field {field} under {limit} characters.")
_FILE = N_("Send the file as multipart/form-data in the field {field}.")
_OTHER = N_("The value of the field {field} cannot be used. GET /api/docs shows what is expected.")
_NO_OBJECT = N_("Send a JSON object, with the header Content-Type: application/json.")
_NO_JSON = N_("The body is not valid JSON: the mistake is at character {position}.")

_SENTENCES = {
    "missing": _MISSING,
    "extra_forbidden": _UNKNOWN,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than_equal": _AT_LEAST,
    "less_than_equal": _AT_MOST,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "list_type": _LIST,
    "too_long": _TOO_LONG,
    "string_too_long": _TOO_MANY_CHARS,
}


def failure_of(errors: Sequence[Mapping[str, Any]]) -> DemoError:
    """The first of the errors, as a failure that names the field."""
    error = errors[0]
    kind, place = error["type"], error["loc"]
    if kind == "json_invalid":
        return Refusal(400, "bad_request", _NO_JSON, position=place[-1])
    if len(place) < 2:
        return InvalidInputError(_NO_OBJECT)
    field, about = _name(place), error.get("ctx", {})
    if str(place[-1]) == "file":
        return InvalidInputError(_FILE, field=field)
    limit = about.get("le", about.get("ge", about.get("max_length", 0)))
    choices = ", ".join(re.findall("'([^']+)'", str(about.get("expected"))))
    return InvalidInputError(_SENTENCES.get(kind, _OTHER), field=field, limit=f"{limit:g}", choices=choices)


def _name(place: Sequence[str | int]) -> str:
    """("body", "history", 0, "Turn", "role") is history[0]: the part after it depends on Pydantic's guess."""
    index = f"[{place[2]}]" if len(place) > 2 and isinstance(place[2], int) else ""
    return f"{str(place[1])[:60]}{index}"
