"""Where two texts differ, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.scenarios.content.phrases import Span

# A word; a Han character or a mark by itself.
_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3400-\u4dbf\u4e00-\u9fff]+|[^\w\s]")


@dataclass(frozen=True)
class Difference:
    """The characters of each text that the other has not; `same` is the share of words in common, 0 to 1."""

    first: tuple[Span, ...]
    second: tuple[Span, ...]
    same: float


def difference(first: str, second: str) -> Difference:
    tokens, others = _tokens(first), _tokens(second)
    # autojunk would take the commonest words of a long text for noise.
    matcher = SequenceMatcher(
        None, [text for text, _ in tokens], [text for text, _ in others], autojunk=False
    )
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    return Difference(
        tuple(_span(tokens, begin, end) for _, begin, end, _, _ in changes if end > begin),
        tuple(_span(others, begin, end) for _, _, _, begin, end in changes if end > begin),
        matcher.ratio(),
    )


def _tokens(text: str) -> list[tuple[str, Span]]:
    return [(found[0].casefold(), found.span()) for found in _TOKEN.finditer(text)]


def _span(tokens: list[tuple[str, Span]], begin: int, end: int) -> Span:
    return tokens[begin][1][0], tokens[end - 1][1][1]
