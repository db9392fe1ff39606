"""The sentences of an answer, as places in it."""

import re

from core.scenarios.customer_service.lexical import letter_features

# After an English full stop only before a capital, a digit or a quote: "e.g. this" stays whole.
_END = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z0-9\"“(])|(?<=[。！？；])(?![”」])|\n+")

Span = tuple[int, int]


def sentence_spans(text: str) -> list[Span]:
    """Start and end of each sentence, without the white space around it; none for a blank text."""
    cuts = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    spans = [_trimmed(text, start, end) for start, end in zip(cuts, cuts[1:], strict=False)]
    return [(start, end) for start, end in spans if start < end]


def closest_span(text: str, question: str) -> Span | None:
    """The sentence that shares most with the question, letter by letter; the first among equals."""
    asked = set(letter_features(question))
    spans = sentence_spans(text)
    return max(spans, key=lambda span: _overlap(asked, text[slice(*span)]), default=None)


def _overlap(asked: set[str], sentence: str) -> float:
    said = set(letter_features(sentence))
    return len(asked & said) / max(1.0, len(said) ** 0.5)


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
