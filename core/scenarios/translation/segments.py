"""Long texts in sentences, and sentences back in the text, with every blank and line break where it was."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import sentencex

from core.scenarios.translation.spacing import append
from core.scenarios.translation.tokens import Token, find_tokens

# Longer ones are cut at a comma or a blank: translators lose the thread, and their positions end somewhere.
MAX_SENTENCE_CHARS = {"en": 320, "zh": 120}
# As many as there are marks for them.
MAX_TOKENS = 10
# Line breaks, tabs and control characters end a sentence and stay what they are.
_BREAKS = re.compile(r"([\x00-\x1f\x7f-\x9f\u2028\u2029]+)")
# Blanks, and marks that begin a line: list items, headings, quotations.
_EDGES = re.compile(r"\A(\s*(?:(?:[-*+•·–—>]|#{1,6})\s+)*)(.*?)(\s*)\Z", re.DOTALL)
# Kinds of tokens that say nothing to a translator where they begin or end a sentence.
_ASIDE = ("tag", "emoji")
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)")
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
            lead, body, trail = _trimmed(piece)
            if body:
                sentences.append(Sentence(gap + lead, body))
                gap = trail
            else:
                gap += piece
    return Split(tuple(sentences), gap)


def _trimmed(piece: str) -> tuple[str, str, str]:
    """What begins the piece, its sentence, and what ends it: tags and emoji at the edges need no translator."""
    lead, body, trail = _EDGES.match(piece).groups()
    start, end = _without_edges(body)
    _, inner, _ = _EDGES.match(body[start:end]).groups()
    if not inner:
        return lead, body, trail
    at = body.index(inner, start)
    return lead + body[:at], inner, body[at + len(inner) :] + trail


def _without_edges(body: str) -> tuple[int, int]:
    """Where the sentence itself begins and ends; a tag whose partner stands inside it stays with it."""
    tokens = [token for token in find_tokens(body) if token.kind in _ASIDE]
    first, last = 0, len(tokens)
    while first < last and not body[_end(tokens, first) : tokens[first].start].strip():
        first += 1
    ends = [token.start for token in tokens] + [len(body)]
    while last > first and not body[tokens[last - 1].end : ends[last]].strip():
        last -= 1
    while first and _has_partner(tokens[first - 1], tokens[first:last]):
        first -= 1
    while last < len(tokens) and _has_partner(tokens[last], tokens[first:last]):
        last += 1
    return _end(tokens, first), ends[last]


def _end(tokens: Sequence[Token], number: int) -> int:
    """Where the token before this one ends."""
    return tokens[number - 1].end if number else 0


def _has_partner(tag: Token, others: Sequence[Token]) -> bool:
    name = _TAG_NAME.match(tag.text)
    return bool(name) and any(
        other.kind == "tag" and _TAG_NAME.findall(other.text) == [name.group(1)] for other in others
    )


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
