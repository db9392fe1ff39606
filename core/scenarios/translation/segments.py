"""Long texts in sentences, and sentences back in the text, with every blank and line break where it was."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import sentencex

from core.scenarios.translation.spacing import append
from core.scenarios.translation.tokens import find_tokens

# Longer ones are cut at a comma or a blank: translators lose the thread, and their positions end somewhere.
MAX_SENTENCE_CHARS = {"en": 320, "zh": 120}
# As many as there are marks for them.
MAX_TOKENS = 10
# Line breaks, tabs and control characters end a sentence and stay what they are.
_BREAKS = re.compile(r"([\x00-\x1f\x7f-\x9f\u2028\u2029]+)")
# Blanks, and marks that begin a line: list items, headings, quotations.
_EDGES = re.compile(r"\A(\s*(?:(?:[-*+•·–—>]|#{1,6})\s+)*)(.*?)(\s*)\Z", re.DOTALL)
_CLAUSE_END = re.compile(r"[,;:，；：、—]\s*|\s+")


@dataclass(frozen=True)
class Sentence:
    """One sentence, and what stands between it and the one before."""

    gap: str
    text: str


@dataclass(frozen=True)
class Split:
    """A text as sentences; `tail` follows the last of them."""

    sentences: tuple[Sentence, ...]
    tail: str

    def joined(self, targets: Sequence[str], language: str) -> str:
        """The text with these sentences in the place of its own; blanks between them as `language` writes them."""
        return "".join(self.parts(targets, language))

    def parts(self, targets: Sequence[str], language: str) -> list[str]:
        """The gap and the new text of every sentence in turn, then the tail."""
        parts: list[str] = []
        before = ""
        for sentence, target in zip(self.sentences, targets, strict=True):
            is_changed = sentence.text != target
            gap = _gap(before, sentence.gap, target, language) if is_changed else sentence.gap
            parts += (gap, target)
            before = target
        return [*parts, self.tail]


def split(text: str, language: str) -> Split:
    """Cut a text into sentences; their texts and gaps together are the text."""
    sentences: list[Sentence] = []
    gap = ""
    for index, line in enumerate(_BREAKS.split(text)):
        if index % 2:
            gap += line
            continue
        for piece in _sentences(line, language):
            lead, body, trail = _EDGES.match(piece).groups()
            if body:
                sentences.append(Sentence(gap + lead, body))
                gap = trail
            else:
                gap += piece
    return Split(tuple(sentences), gap)


def _sentences(line: str, language: str) -> list[str]:
    found = sentencex.segment(language, line) if line.strip() else [line]
    pieces = found if "".join(found) == line else [line]
    parts = (part for piece in pieces for part in _cut(piece, MAX_SENTENCE_CHARS[language]))
    return [part for whole in parts for part in _with_few_tokens(whole)]


def _cut(sentence: str, limit: int) -> list[str]:
    """The sentence in parts of at most `limit` characters, never in the middle of a protected token."""
    if len(sentence) <= limit:
        return [sentence]
    tokens = [(token.start, token.end) for token in find_tokens(sentence)]
    ends = [match.end() for match in _CLAUSE_END.finditer(sentence)]
    ends = [end for end in ends if _outside(tokens, end) == end]
    parts, start = [], 0
    while len(sentence) - start > limit:
        last = bisect_left(ends, start + limit + 1) - 1
        end = ends[last] if last >= 0 and ends[last] > start + limit // 3 else start + limit
        end = max(_outside(tokens, end), start + 1)
        parts.append(sentence[start:end])
        start = end
    return [*parts, sentence[start:]]


def _with_few_tokens(sentence: str) -> list[str]:
    """The sentence in parts with at most MAX_TOKENS each, cut at a comma or blank where there is one."""
    tokens = find_tokens(sentence)
    if len(tokens) <= MAX_TOKENS:
        return [sentence]
    first, last = tokens[MAX_TOKENS // 2].end, tokens[MAX_TOKENS].start
    spans = [(token.start, token.end) for token in tokens]
    ends = [match.end() for match in _CLAUSE_END.finditer(sentence, first, last)]
    cut = max((end for end in ends if _outside(spans, end) == end), default=last)
    return [sentence[:cut], *_with_few_tokens(sentence[cut:])]


def _outside(tokens: list[tuple[int, int]], place: int) -> int:
    """The place itself, or the end of the token that it is inside of."""
    at = bisect_left(tokens, (place, 0)) - 1
    return tokens[at][1] if at >= 0 and tokens[at][1] > place else place


def _gap(before: str, gap: str, after: str, language: str) -> str:
    """English has a blank between sentences, Chinese none; anything but blanks stays as it is."""
    if gap.strip(" \u3000") or not before:
        return gap
    if language == "zh":
        return "" if append(before, after) == before + after else " "
    return gap if gap.strip("\u3000") else " "
