"""What goes in and out of the API, as it stands in the OpenAPI document: errors, health and models."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

from core.loading import State
from core.types import Tier


def _checked(text: str) -> str:
    # Half a surrogate pair is no text for a tokenizer, and NUL none for a database.
    if "\x00" in text or not text.isascii() and _SURROGATE.search(text):
        raise PydanticKnownError("string_unicode")
    return text


_SURROGATE = re.compile("[\ud800-\udfff]")
Text = Annotated[str, AfterValidator(_checked)]


class Received(BaseModel):
    """A request's body: a name that we don't know is a typing error, not something to ignore."""

    model_config = ConfigDict(extra="forbid")


class ErrorDetail(BaseModel):
    code: str = Field(description="For programs.", examples=["invalid_input"])
    message: str = Field(description="For people, in the language of Accept-Language (en or zh).")


class ErrorBody(BaseModel):
    """Every error of the API."""

    error: ErrorDetail


class Loaded(BaseModel):
    done: int
    total: int
    unit: str


class ModelResponse(BaseModel):
    id: str
    title: str
    roles: list[str]
    tier: Tier
    license: str
    languages: list[str]
    size_mb: float
    state: State
    is_local: bool = Field(description="Whether the weights are on this machine.")
    device: str | None
    memory_mb: float
    load_s: float | None
    queue_size: int
    progress: Loaded | None
    error: str | None


class RoleHealth(BaseModel):
    role: str
    model: str | None
    state: str
    error: str | None = None


class Readiness(BaseModel):
    ready: bool
    warm_up: Literal["over", "running", "off"]
    roles: list[RoleHealth]


class Liveness(BaseModel):
    live: bool = True


class CanaryCheck(BaseModel):
    language: str
    question: str
    model: str
    score: float
    elapsed_ms: float


class CanaryResponse(BaseModel):
    ok: bool = True
    checks: list[CanaryCheck]
