"""Markup inside a text: kept out of a translator's reach by short tags, and put back afterwards.

The tags are those of XLIFF: <g1>...</g1> around words that are marked, <x2/> for what stands by itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TAG = re.compile(r"<(?P<close>/)?g(?P<pair>\d{1,6})>|<x(?P<single>\d{1,6})/>")
_SPACE = re.compile(r"(^\s+|\s+$)")


@dataclass(frozen=True)
class Mark:
    """One tag: the beginning or end of pair `number`, or the single thing `number`."""

    kind: str
    """ "open", "close" or "single"."""
    number: int

    @property
    def tag(self) -> str:
        return {"open": "<g{}>", "close": "</g{}>", "single": "<x{}/>"}[self.kind].format(self.number)


Piece = str | Mark


def joined(pieces: Sequence[Piece]) -> str:
    """The pieces as a translator reads them."""
    return "".join(piece if isinstance(piece, str) else piece.tag for piece in pieces)


def split(translation: str, wanted: Sequence[Mark]) -> list[Piece]:
    """The pieces of a translation that has every wanted mark exactly once, properly nested.

    Where it has not, nothing is lost but the marking: words stay, without pairs, and single things come last.
    """
    pieces = list(_pieces(translation, frozenset(wanted)))
    marks = [piece for piece in pieces if isinstance(piece, Mark)]
    if len(marks) == len(wanted) and set(marks) == set(wanted) and _is_nested(marks):
        return pieces
    words = " ".join("".join(piece for piece in pieces if isinstance(piece, str)).split())
    singles = [piece for piece in wanted if piece.kind == "single"]
    return [words, *(piece for single in singles for piece in (" ", single))]


def bare(text: str) -> str:
    """The text without tags."""
    return TAG.sub("", text)


def trimmed(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """What stands before the words, the words, what stands after: marks around everything are no matter."""
    before, inside, after = list[Piece](), _loose_space(pieces), list[Piece]()
    while inside:
        if _is_loose(inside[0]):
            before.append(inside.pop(0))
        elif _is_loose(inside[-1]):
            after.insert(0, inside.pop())
        elif _is_pair(inside[0], inside[-1]):
            before.append(inside.pop(0))
            after.insert(0, inside.pop())
        else:
            break
    return before, inside, after


def _pieces(translation: str, wanted: frozenset[Mark]) -> Iterator[Piece]:
    """Words and marks; a tag that is not ours is words."""
    at = 0
    for match in TAG.finditer(translation):
        mark = _mark(match)
        if mark in wanted:
            yield translation[at : match.start()]
            yield mark
            at = match.end()
    yield translation[at:]


def _mark(match: re.Match[str]) -> Mark:
    if match["single"]:
        return Mark("single", int(match["single"]))
    return Mark("close" if match["close"] else "open", int(match["pair"]))


def _is_nested(marks: Sequence[Mark]) -> bool:
    above: list[int] = []
    for mark in marks:
        if mark.kind == "open":
            above.append(mark.number)
        elif mark.kind == "close" and (not above or above.pop() != mark.number):
            return False
    return not above


def _loose_space(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with the space at the ends of words as pieces of their own."""
    parts = (_SPACE.split(piece) if isinstance(piece, str) else [piece] for piece in pieces)
    return [part for group in parts for part in group if part]


def _is_loose(piece: Piece) -> bool:
    return not piece.strip() if isinstance(piece, str) else piece.kind == "single"


def _is_pair(begin: Piece, end: Piece) -> bool:
    both = isinstance(begin, Mark) and isinstance(end, Mark)
    return both and begin.number == end.number and (begin.kind, end.kind) == ("open", "close")
