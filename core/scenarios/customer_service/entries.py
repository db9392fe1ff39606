"""What a knowledge base is made of."""

from dataclasses import dataclass

# Of running text, which has no question: enough to recognise it by.
TITLE_CHARS = 80


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

    @property
    def title(self) -> str:
        """What to call it in a list: its first question, else how its answer begins."""
        return self.questions[0] if self.questions else self.answer[:TITLE_CHARS]
