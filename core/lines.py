"""Lines of running text: where they are joined, and broken again, in English and Chinese alike."""

import re
import unicodedata

# Chinese and other wide characters: between two of them a line may end, and no space is lost by it.
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
# A word with the space after it, or one wide character with the closing marks that may not begin a line.
_PIECE = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef][、。，！？；：」』）】》”’…\s]*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+\s*|\s+"
)


def unwrapped(lines: list[str]) -> str:
    """A paragraph on one line: where Chinese meets Chinese, lines join without a space."""
    joined = ""
    for line in filter(None, map(str.strip, lines)):
        is_han = joined and _WIDE.match(joined[-1]) and _WIDE.match(line)
        joined += line if is_han or not joined else f" {line}"
    return joined


def columns(text: str) -> int:
    """How wide the text is where letters have one width and Chinese characters two."""
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def filled(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken between words or Chinese characters."""
    lines, line = list[str](), ""
    for piece in _PIECE.findall(text.strip()):
        if line and columns(line) + columns(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]
