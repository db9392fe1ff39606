"""One question and answer as a reader found it in a file, before it becomes an entry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """An answer with the questions beside it; `line` is where it begins (1-based; the page in a PDF).

    An empty `language` or `entry_id` means that the file does not say.
    """

    line: int
    answer: str
    questions: tuple[str, ...] = ()
    language: str = ""
    topic: str = ""
    entry_id: str = ""
