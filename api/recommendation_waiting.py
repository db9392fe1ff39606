"""Waiting for steps that report Progress: for so long, or with events for who listens. Knows no recommender."""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from core import visits
from core.errors import DemoError
from core.types import Progress

T = TypeVar("T")


def outcome_within(
    steps: Generator[Progress, None, T], patience_s: float, late: Callable[[], DemoError]
) -> T:
    """What the steps return; where that takes longer than `patience_s`, they are closed and `late()` is raised.

    So it is once nobody waits for it any more.
    """
    ends_s, visit = time.monotonic() + patience_s, visits.current()
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
            if time.monotonic() > ends_s or visit.is_over:
                raise late()


def told(steps: Generator[Progress, None, T]) -> Generator[tuple[str, dict] | None, None, T]:
    """The progress as events, each once; None where nothing has moved."""
    said: Progress | None = None
    with closing(steps):
        while True:
            try:
                progress = next(steps)
            except StopIteration as end:
                return end.value
            is_news, said = progress != said, progress
            yield ("progress", _progress(progress)) if is_news else None


def _progress(progress: Progress) -> dict:
    return {"done": progress.done, "total": progress.total, "unit": progress.unit}
