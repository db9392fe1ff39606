"""What a knowledge base is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One thing the company can answer, in one language.

    `questions` are ways to ask for it (at least one unless it comes from running text, where there are none);
    the two language versions of a bilingual entry share `entry_id`.
    """

    entry_id: str
    answer: str
    language: str
    questions: tuple[str, ...] = ()
    topic: str = ""
