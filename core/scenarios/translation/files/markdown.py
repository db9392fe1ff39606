"""Markdown: headings, paragraphs, list items and table cells; code, HTML blocks and front matter stay."""

import re
from collections.abc import Iterator
from functools import partial

from markdown_it import MarkdownIt

from core.lines import unwrapped
from core.scenarios.translation.files.inline import Mark, Piece, joined, split, trimmed
from core.scenarios.translation.files.markup import BREAK, pieces_of
from core.scenarios.translation.files.spans import Span, has_letters, one_line

Place = tuple[int, int]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?>\r\n|\r|\n)(?:[^\r\n]*+(?>\r\n|\r|\n))*?(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)"
)
_HARD_BREAK = re.compile(r"(?:\\| {2,})\s*")
# What would make a line a heading, a list item, a quote, code or a table.
_BLOCK_START = re.compile(r"(?:#{1,6}\s|[-+*]\s|[>|]|\d{1,9}[.)]\s|`{3}|~{3}|[=-]+\s*$)")


def read_markdown(content: str) -> Iterator[Span]:
    """A text per block; the markup inside it is replaced by short tags (see inline)."""
    front = _FRONT_MATTER.match(content)
    at = front.end() if front else 0
    lines = [(match.start(), match[0]) for match in _LINE.finditer(content, at)]
    is_cell = False
    for token in _blocks().parse(content[at:]):
        if token.type == "inline" and token.map and token.content.strip():
            places = _places(lines[slice(*token.map)], token.content, at, is_cell=is_cell)
            if places:
                at = places[-1][1]
                yield from _span(content, places, is_cell=is_cell)
        is_cell = token.type in ("th_open", "td_open")


def _blocks() -> MarkdownIt:
    """A parser that finds the blocks and leaves what is inside them alone."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _places(lines: list[tuple[int, str]], block: str, after: int, *, is_cell: bool) -> list[Place]:
    """Where each line of a block stands in the file; none where it cannot be told."""
    places: list[Place] = []
    for (start, line), wanted in zip(lines, block.split("\n"), strict=False):
        words = wanted.strip()
        found = line.find(words, max(0, after - start))
        if found < 0 and is_cell:
            words = words.replace("|", "\\|")
            found = line.find(words, max(0, after - start))
        if found < 0:
            return []
        places.append((start + found, start + found + len(words)))
    return places


def _span(content: str, places: list[Place], *, is_cell: bool) -> Iterator[Span]:
    text, breaks = _without_breaks(content, places)
    pieces, literals = pieces_of(text, breaks)
    before, pieces, after = trimmed(pieces)
    if not any(has_letters(piece) for piece in pieces if isinstance(piece, str)):
        return
    written = partial(_written, pieces=pieces, literals=literals, is_cell=is_cell)
    outside = [_literal(marks, literals) for marks in (before, after)]
    start, end = places[0][0], places[-1][1]
    begins_block = bool(_BLOCK_START.match(content, start, end))
    yield Span(start, end, joined(pieces), partial(_restored, written, outside, begins_block=begins_block))


def _without_breaks(content: str, places: list[Place]) -> tuple[str, list[str]]:
    """The lines as one, and what stands at its hard line breaks."""
    paragraphs, breaks = [[content[slice(*places[0])]]], list[str]()
    for (_, end), (start, next_end) in zip(places, places[1:], strict=False):
        last = paragraphs[-1][-1]
        between = content[end:start]
        if last.endswith("\\"):
            paragraphs[-1][-1], between = last[:-1], f"\\{between}"
        if _HARD_BREAK.match(between):
            breaks.append(between)
            paragraphs.append([])
        paragraphs[-1].append(content[start:next_end])
    return BREAK.join(map(unwrapped, paragraphs)), breaks


def _written(translation: str, *, pieces: list[Piece], literals: dict[Mark, str], is_cell: bool) -> str:
    """The translation with its markup."""
    wanted = [piece for piece in pieces if isinstance(piece, Mark)]
    parts = split(one_line(translation), wanted)
    if is_cell:
        parts = [re.sub(r"(?<!\\)\|", r"\\|", part) if isinstance(part, str) else part for part in parts]
    return _literal(parts, literals)


def _restored(written: partial, outside: list[str], translation: str, *, begins_block: bool) -> str:
    """The translation as a block of the same kind: it must not become a heading or a list by chance."""
    before, after = outside
    text = f"{before}{written(translation)}{after}"
    return text if begins_block or not _BLOCK_START.match(text) else _escaped(text)


def _escaped(text: str) -> str:
    """The text with a backslash before the sign that would begin a block: "1\\. " or "\\# "."""
    number = re.match(r"\d*", text).end()
    return f"{text[:number]}\\{text[number:]}"


def _literal(pieces: list[Piece], literals: dict[Mark, str]) -> str:
    return "".join(piece if isinstance(piece, str) else literals[piece] for piece in pieces)
