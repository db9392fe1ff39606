"""What the writer learns from: a text, and the brief that it answers."""

from dataclasses import dataclass

from core.scenarios.content.brief import Brief


@dataclass(frozen=True)
class Sample:
    """`brief` is None for plain English, which is read without being asked for."""

    brief: Brief | None
    text: str


def count_words(text: str) -> int:
    return len(text.split())
