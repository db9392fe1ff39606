"""Tokens and terms as marks that a translator copies, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.scenarios.translation.glossary import TermUse
from core.scenarios.translation.spacing import append
from core.scenarios.translation.tokens import Token, find_tokens


@dataclass(frozen=True)
class Slot:
    """A stretch of the source that the translator does not see, and what stands for it in the translation."""

    start: int
    end: int
    restored: str


@dataclass(frozen=True)
class Masks:
    """How a model writes the marks it learnt to copy: `form` holds {n}; there are `count` of them."""

    form: str
    count: int

    def mark(self, number: int) -> str:
        return self.form.format(n=number)

    @property
    def pattern(self) -> re.Pattern[str]:
        """A mark, also with blanks inside, in another case or in full width: what a model makes of it."""
        chars = r"\s*".join(_either_width(char) for char in self.form.replace("{n}", "0"))
        return re.compile(chars.replace(_either_width("0"), r"([0-9\uff10-\uff19]{1,2})"), re.IGNORECASE)


def slots_of(sentence: str, terms: Sequence[TermUse] = ()) -> list[Slot]:
    """What is to be masked, in order; tokens that touch each other are one slot."""
    tokens = [Slot(token.start, token.end, token.text) for token in _joined(find_tokens(sentence))]
    wanted = [Slot(use.start, use.end, use.term.target) for use in terms]
    return sorted([*tokens, *wanted], key=lambda slot: slot.start)


def mask(sentence: str, slots: Sequence[Slot], masks: Masks) -> str:
    """The sentence with a mark for each slot."""
    parts, at = [], 0
    for number, slot in enumerate(slots):
        parts += (sentence[at : slot.start], masks.mark(number))
        at = slot.end
    return "".join((*parts, sentence[at:]))


def unmask(translated: str, slots: Sequence[Slot], masks: Masks) -> str | None:
    """The translation with every slot in the place of its mark; None unless each mark is there exactly once."""
    found = list(masks.pattern.finditer(translated))
    if sorted(int(match.group(1)) for match in found) != list(range(len(slots))):
        return None
    text, at = "", 0
    for match in found:
        text = append(text + translated[at : match.start()], slots[int(match.group(1))].restored)
        at = match.end()
    return append(text, translated[at:])


def pieces_of(sentence: str, slots: Sequence[Slot]) -> list[str]:
    """What stands before, between and after the slots: one more than there are slots."""
    edges = [0, *(edge for slot in slots for edge in (slot.start, slot.end)), len(sentence)]
    return [sentence[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _joined(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        if joined and joined[-1].end == token.start:
            before = joined.pop()
            token = Token(before.text + token.text, before.kind, before.start, token.end)
        joined.append(token)
    return joined


def _either_width(char: str) -> str:
    return f"[{re.escape(char)}{chr(ord(char) + 0xFEE0)}]"
