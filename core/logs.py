"""Structured logs: one JSON object a line, each with the id of the request it belongs to."""

import json
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str) -> None:
    """Send Vitrine's own log to stderr as JSON lines; other libraries keep their loggers."""
    logger = logging.getLogger("vitrine")
    logger.setLevel(level)
    logger.propagate = False
    if not logger.handlers:
        stream = logging.StreamHandler()
        stream.setFormatter(_JsonLines())
        logger.addHandler(stream)


@contextmanager
def request(request_id: str | None = None) -> Iterator[str]:
    """Give everything logged inside the block this id (a new one if None)."""
    token = _request_id.set(request_id or secrets.token_hex(8))
    try:
        yield _request_id.get()
    finally:
        _request_id.reset(token)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            "request_id": _request_id.get(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
