"""One sentence on its way: what a translator is asked, in up to four ways, until the tokens come out whole.

The first way that works is taken: marks for tokens and glossary terms, marks for tokens only, the sentence as it
is, and at last the pieces between the tokens one by one, which no translator can spoil.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.scenarios.translation.glossary import Term, TermCheck, check_terms, find_terms
from core.scenarios.translation.masking import Masks, Slot, mask, pieces_of, slots_of, unmask
from core.scenarios.translation.spacing import joined, punctuated
from core.scenarios.translation.tokens import are_whole, find_tokens, has_words

_FINAL = re.compile(r"[.!?。！？…]+\Z")


@dataclass(frozen=True)
class Draft:
    """A sentence, its direction, and the terms it has to respect."""

    text: str
    source: str
    target: str
    glossary: tuple[Term, ...] = ()

    def ways(self, masks: Masks | None) -> list["Way"]:
        """How the translator is asked, one way after the other."""
        uses = find_terms(self.text, self.glossary)
        tokens, both = slots_of(self.text), slots_of(self.text, uses)
        ways: list[Way] = []
        if masks and uses and len(both) <= masks.count:
            ways.append(Marked(self, both, masks))
        if masks and tokens and len(tokens) <= masks.count:
            ways.append(Marked(self, tokens, masks))
        return [*ways, Plain(self), Pieces(self, tokens)] if tokens else [*ways, Plain(self)]

    def accepts(self, candidate: str) -> bool:
        return bool(candidate.strip()) and are_whole(self.text, candidate)

    def checks(self, candidate: str) -> tuple[TermCheck, ...]:
        return check_terms(self.text, candidate, self.glossary)

    def ranked(self, candidates: Sequence[str]) -> list[str]:
        """The acceptable ones without repetitions: those that respect more terms first, else as they came."""
        usable = dict.fromkeys(each.strip() for each in candidates if self.accepts(each))
        return sorted(usable, key=lambda each: sum(not check.is_respected for check in self.checks(each)))


@dataclass(frozen=True)
class Way:
    """One way to ask: `texts` go to the translator, `candidates` makes whole sentences of its hypotheses."""

    draft: Draft

    @property
    def texts(self) -> list[str]:
        return [self.draft.text]

    def candidates(self, answers: Sequence[Sequence[str]]) -> list[str]:
        """Sentences, best first, from the hypotheses for each of the texts."""
        return list(answers[0])


@dataclass(frozen=True)
class Plain(Way):
    """The sentence as it is."""


@dataclass(frozen=True)
class Marked(Way):
    """A mark in the place of each slot."""

    slots: list[Slot]
    masks: Masks

    @property
    def texts(self) -> list[str]:
        return [mask(self.draft.text, self.slots, self.masks)]

    def candidates(self, answers: Sequence[Sequence[str]]) -> list[str]:
        restored = (unmask(each, self.slots, self.masks) for each in answers[0])
        return [each for each in restored if each is not None]


@dataclass(frozen=True)
class Pieces(Way):
    """What stands between the tokens, piece by piece; a piece that would add to the tokens stays untranslated."""

    slots: list[Slot]

    @property
    def texts(self) -> list[str]:
        return [piece.strip() for piece in self._pieces if has_words(piece)]

    def candidates(self, answers: Sequence[Sequence[str]]) -> list[str]:
        best = iter([each[0] if each else "" for each in answers])
        new = [
            _fitted(old, next(best)) if has_words(old) else self._punctuated(old, number)
            for number, old in enumerate(self._pieces)
        ]
        careful = [old if find_tokens(each) else each for old, each in zip(self._pieces, new, strict=True)]
        return [self._joined(new), self._joined(careful)]

    def _punctuated(self, piece: str, number: int) -> str:
        return punctuated(piece, self.draft.target, is_last=number == len(self.slots))

    @property
    def _pieces(self) -> list[str]:
        return pieces_of(self.draft.text, self.slots)

    def _joined(self, pieces: Sequence[str]) -> str:
        parts = [pieces[0]]
        for slot, piece in zip(self.slots, pieces[1:], strict=True):
            parts += (slot.restored, piece)
        return joined(parts, self.draft.target).rstrip(" ")


def _fitted(source: str, translated: str) -> str:
    """The translation of a piece without the full stop that its source has not, in the blanks of its source."""
    body = translated.strip()
    if not _FINAL.search(source.rstrip()):
        body = _FINAL.sub("", body)
    start, end = len(source) - len(source.lstrip()), len(source.rstrip())
    return source[:start] + body + source[end:]
