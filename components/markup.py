"""Visitors' texts inside Streamlit's Markdown: shown as typed, never as markup."""

import re
from collections.abc import Iterable

# Every ASCII punctuation mark may be escaped in CommonMark; Streamlit's own :directives: begin with one too.
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
# Four spaces would make a block of code, and fewer would be dropped; escaping cannot help against either.
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_NO_BREAK_SPACE = "\u00a0"
# Icons, emoji, arrows, links and addresses are looked for after the escapes are gone, so that only a mark
# of no width inside keeps them apart.
_LATE = re.compile(
    r":(?=[^\s:]+:|//)"  # :smile: :material/home: http://
    r"|\bwww(?=\.)|@(?=[-\w])"
    r"|(?<!\S)[-<>~](?=->?(?!\S)|[>=](?!\S))",  # -> <- <-> -- >= <= ~=
    re.IGNORECASE,
)
_WORD_JOINER = "\u2060"


def escape(text: str) -> str:
    """The text as Markdown that shows it literally, line breaks and indents included."""
    return _escape(_indented(text))


def highlight(text: str, span: tuple[int, int] | None, color: str = "green") -> str:
    """The text as Markdown with the characters of `span` marked."""
    return highlights(text, [(*span, color)] if span else [])


def highlights(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text as Markdown with (start, end, color) marked; of spans that overlap, the first."""
    text, parts, at = _indented(text), list[str](), 0
    for start, end, color in sorted(spans):
        if start >= at:
            parts += (_escape(text[at:start]), _marked(text[start:end], color))
            at = end
    return "".join((*parts, _escape(text[at:])))


def _marked(text: str, color: str) -> str:
    # A directive ends at a line break, so each line is marked by itself.
    lines = (f":{color}-background[{_escape(line)}]" if line else "" for line in text.split("\n"))
    return "  \n".join(lines)


def _indented(text: str) -> str:
    """The text, character by character as long as before, with its indents kept."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    return _INDENT.sub(lambda indent: _NO_BREAK_SPACE * len(indent[0]), lines)


def _escape(text: str) -> str:
    apart = _LATE.sub(lambda mark: mark[0] + _WORD_JOINER, text)
    return _SPECIAL.sub(r"\\\1", apart).replace("\n", "  \n")
