"""Terms that have to be translated in one way: found in the source, looked for in the translation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_TERM_CHARS, MAX_TERMS
from core.scenarios.translation.tokens import find_tokens


@dataclass(frozen=True)
class Term:
    """A word or phrase of the source language, and what it has to be in the target language."""

    source: str
    target: str


@dataclass(frozen=True)
class TermUse:
    """A term where it stands in a source text."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True)
class TermCheck:
    """How often a term was to be translated as asked, how often it was, and where (in characters)."""

    term: Term
    wanted: int
    respected: int
    spans: tuple[tuple[int, int], ...]

    @property
    def is_respected(self) -> bool:
        return self.respected == self.wanted


def checked_glossary(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms without space around them and without repetitions.

    Raises InvalidInputError for an empty side or two targets for one source, InputTooLargeError beyond the limits.
    """
    targets: dict[str, Term] = {}
    for number, term in enumerate(terms, start=1):
        clean = _checked_term(number, term)
        known = targets.setdefault(clean.source.casefold(), clean)
        if known.target != clean.target:
            message = N_("The glossary translates {term} in two ways: {first} and {second}. Keep one.")
            raise InvalidInputError(message, term=clean.source, first=known.target, second=clean.target)
        if len(targets) > MAX_TERMS:
            raise InputTooLargeError(N_("Keep the glossary under {limit} terms."), limit=MAX_TERMS)
    return tuple(targets.values())


def find_terms(text: str, glossary: Sequence[Term]) -> list[TermUse]:
    """Where the terms stand, in order: the longest first where they overlap, never inside a protected token."""
    taken = [(token.start, token.end) for token in find_tokens(text)]
    uses: list[TermUse] = []
    folded = text.casefold()
    for term in sorted(glossary, key=lambda term: len(term.source), reverse=True):
        if term.source.split()[0].casefold() not in folded:
            continue
        for span in _spans(text, term.source):
            if all(span[1] <= start or end <= span[0] for start, end in taken):
                taken.append(span)
                uses.append(TermUse(term, *span))
    return sorted(uses, key=lambda use: use.start)


def check_terms(source: str, target: str, glossary: Sequence[Term]) -> tuple[TermCheck, ...]:
    """One check per term that stands in the source."""
    wanted: dict[Term, int] = {}
    for use in find_terms(source, glossary):
        wanted[use.term] = wanted.get(use.term, 0) + 1
    return tuple(_check(term, count, _spans(target, term.target)) for term, count in wanted.items())


def _check(term: Term, wanted: int, spans: list[tuple[int, int]]) -> TermCheck:
    return TermCheck(term, wanted, min(wanted, len(spans)), tuple(spans))


def _spans(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand: in Latin letters as whole words in any case, in Chinese anywhere."""
    before = r"(?<![A-Za-z0-9])" if _is_latin(words[0]) else ""
    after = r"(?![A-Za-z0-9])" if _is_latin(words[-1]) else ""
    # A line break between two words of a term is no other term.
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return [match.span() for match in re.finditer(f"{before}{pattern}{after}", text, re.IGNORECASE)]


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _checked_term(number: int, term: Term) -> Term:
    source, target = term.source.strip(), term.target.strip()
    if not source or not target:
        message = N_("Term {number} of the glossary has an empty side. Fill it in or take the term out.")
        raise InvalidInputError(message, number=number)
    longest = max(len(source), len(target))
    if longest > MAX_TERM_CHARS:
        message = N_("Keep a term under {limit} characters (term {number} has {count}).")
        raise InputTooLargeError(message, limit=MAX_TERM_CHARS, number=number, count=longest)
    return Term(source, target)
