"""Inline Markdown as pieces: words, and marks for code, links, images, HTML tags and emphasis."""

import re
from dataclasses import dataclass, field

from core.scenarios.translation.files.inline import Mark, Piece

# Stands for a hard line break; no file that was read as text has this character.
BREAK = "\x00"
# Every part is bounded, so that no text takes longer than linear time.
_URL = (
    r"\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?(?:\s{1,3}(?:\"[^\"]{0,300}\"|'[^']{0,300}'))?\)"
)
_TOKEN = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?<!`)(?P<ticks>`{1,5})(?!`).{1,300}?(?<!`)(?P=ticks)(?!`))"
    rf"|(?P<image>!\[[^\]\[]{{0,300}}\](?:{_URL}|\[[^\]\[]{{0,100}}\]))"
    rf"|(?P<link_end>\](?:{_URL}|\[[^\]\[]{{0,100}}\]))"
    r"|(?P<footnote>\[\^[^\]\s]{1,50}\])"
    r"|(?P<link>\[)"
    r"|(?P<tag></?[A-Za-z][^<>]{0,1000}>|<!--.{0,1000}?-->)"
    r"|(?P<emphasis>\*\*|\*|__|_|~~)"
    rf"|(?P<break>{BREAK})"
)
_SINGLES = ("code", "image", "footnote", "tag")


@dataclass
class _Scan:
    """What was read so far; `waiting` are places in `pieces` of marks that may still be closed."""

    text: str
    breaks: list[str]
    pieces: list[Piece] = field(default_factory=list)
    literals: dict[Mark, str] = field(default_factory=dict)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    count: int = 0

    def single(self, literal: str) -> None:
        self.count += 1
        mark = Mark("single", self.count)
        self.literals[mark] = literal
        self.pieces.append(mark)

    def open(self, sign: str) -> None:
        """Words for the time being: a mark once it is closed."""
        self.waiting.append((sign, len(self.pieces)))
        self.pieces.append(sign)

    def close(self, sign: str, literal: str) -> bool:
        """Make a pair of the nearest sign that waits; false where none does."""
        place = next((place for place in reversed(self.waiting) if place[0] == sign), None)
        if place is None:
            return False
        del self.waiting[self.waiting.index(place) :]
        self.count += 1
        pair = Mark("open", self.count), Mark("close", self.count)
        self.literals |= {pair[0]: sign, pair[1]: literal}
        self.pieces[place[1]] = pair[0]
        self.pieces.append(pair[1])
        return True


def pieces_of(text: str, breaks: list[str]) -> tuple[list[Piece], dict[Mark, str]]:
    """The pieces of one block's text and what each mark stands for; `breaks` are its hard line breaks."""
    scan, at = _Scan(text, list(breaks)), 0
    for match in _TOKEN.finditer(text):
        scan.pieces.append(text[at : match.start()])
        _take(scan, match)
        at = match.end()
    scan.pieces.append(text[at:])
    return [piece for piece in scan.pieces if piece], scan.literals


def _take(scan: _Scan, match: re.Match[str]) -> None:
    kind, token = match.lastgroup, match[0]
    if kind in _SINGLES:
        scan.single(token)
    elif kind == "break":
        scan.single(scan.breaks.pop(0))
    elif kind == "link":
        scan.open(token)
    elif kind == "link_end":
        if not scan.close("[", token):
            scan.pieces.append(token)
    elif kind == "emphasis":
        _take_emphasis(scan, match)
    else:
        scan.pieces.append(token)


def _take_emphasis(scan: _Scan, match: re.Match[str]) -> None:
    """A sign of emphasis after words closes, before words it opens; else it is a sign like any other."""
    sign = match[0]
    before, after = (
        scan.text[max(0, match.start() - 1) : match.start()],
        scan.text[match.end() : match.end() + 1],
    )
    # snake_case is no emphasis.
    is_inside_word = "_" in sign and before.isalnum() and after.isalnum()
    if not before.strip() or is_inside_word or not scan.close(sign, sign):
        if after.strip() and not is_inside_word:
            scan.open(sign)
        else:
            scan.pieces.append(sign)
