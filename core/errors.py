"""Failures that a visitor may read: full sentences that say what happened and what to do."""


def N_(msgid: str) -> str:
    """Mark a text of core for translation; the front doors translate it when they show it."""
    return msgid


class DemoError(Exception):
    """A failure that the visitor can understand or change.

    `msgid` is an English sentence with `{placeholders}`; `params` fill them, in any language.
    """

    code = "error"

    def __init__(self, msgid: str, **params: object) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.params = params

    def __str__(self) -> str:
        return self.msgid.format(**self.params)


class InvalidInputError(DemoError):
    """The visitor's input cannot be used as it is."""

    code = "invalid_input"


class InputTooLargeError(InvalidInputError):
    """The input exceeds a limit on bytes, rows or characters."""

    code = "input_too_large"


class NotFoundError(DemoError):
    """What was asked for does not exist, or has expired."""

    code = "not_found"


class NotAllowedError(DemoError):
    """The caller may not do this: an operator's token is missing or wrong."""

    code = "not_allowed"


class OverloadedError(DemoError):
    """The queue is full; the message says the position and an estimate."""

    code = "overloaded"


class RateLimitedError(DemoError):
    """One visitor or client asked too often; `params["retry_after_s"]` says when to come back."""

    code = "rate_limited"


class DeadlineError(DemoError):
    """The answer did not come within the deadline of the request."""

    code = "deadline_exceeded"


class ModelLoadError(DemoError):
    """A model cannot be had: no network, no such repository, disk full, damaged file ..."""

    code = "model_unavailable"


class InferenceError(DemoError):
    """A model answered with something that cannot be its answer."""

    code = "inference_failed"
