"""Plain text: a line is a text, unless a paragraph was broken to a width."""

import re
from collections.abc import Iterator
from functools import partial

from core.lines import columns, filled, unwrapped
from core.scenarios.translation.files.spans import Span, has_letters

# What people and mail programs break lines at; longer lines end where the writer pressed Enter.
MIN_WIDTH, MAX_WIDTH = 40, 100
# Broken to a width, all lines but the last are about as long as the longest.
FULL_SHARE = 0.75

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SENTENCE_END = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；", "…", '"', "”", ")", "）")
_LIST_ITEM = re.compile(r"(?:[-*+•·–—]|\d{1,3}[.)、]|[（(]?[一二三四五六七八九十]{1,3}[)）、])\s*")


def read_plain(content: str) -> Iterator[Span]:
    """The lines that have letters, without the space around them; broken paragraphs as one text each."""
    newline = next((mark for mark in ("\r\n", "\n", "\r") if mark in content), "\n")
    paragraph: list[tuple[int, str]] = []
    for match in _LINE.finditer(content):
        line = match[0].rstrip()
        if line:
            paragraph.append((match.start(), line))
        else:
            yield from _texts(paragraph, newline)
            paragraph = []


def _texts(paragraph: list[tuple[int, str]], newline: str) -> Iterator[Span]:
    if _is_broken([line for _, line in paragraph]):
        yield _whole(paragraph, newline)
        return
    for start, line in paragraph:
        if has_letters(line):
            yield Span(start + _indent(line), start + len(line), line.strip())


def _is_broken(lines: list[str]) -> bool:
    """Whether the lines are one paragraph that a program broke to a width."""
    widths = [columns(line) for line in lines]
    if len(lines) < 2 or not MIN_WIDTH <= max(widths) <= MAX_WIDTH or not has_letters("".join(lines)):
        return False
    ends = sum(line.endswith(_SENTENCE_END) for line in lines[:-1])
    is_full = min(widths[:-1]) >= FULL_SHARE * max(widths)
    return is_full and 2 * ends < len(lines) and not any(map(_LIST_ITEM.match, map(str.lstrip, lines[1:])))


def _whole(paragraph: list[tuple[int, str]], newline: str) -> Span:
    """The paragraph as one text, which is broken to the same width again."""
    lines = [line for _, line in paragraph]
    (first, begin), (last, end) = paragraph[0], paragraph[-1]
    indent = " " * _indent(lines[1])
    restored = partial(_broken, width=max(map(columns, lines)), between=newline + indent)
    return Span(first + _indent(begin), last + len(end), unwrapped(lines), restored)


def _broken(translation: str, *, width: int, between: str) -> str:
    return between.join(filled(translation, width))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
