"""Visitors' texts inside Streamlit's Markdown: shown as typed, never as markup."""

import re

# Every ASCII punctuation mark may be escaped in CommonMark; Streamlit's own :directives: begin with one too.
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    """The text as Markdown that shows it literally, line breaks included."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "  \n")


def highlight(text: str, span: tuple[int, int] | None, color: str = "green") -> str:
    """The text as Markdown with the characters of `span` marked."""
    if span is None:
        return escape(text)
    start, end = span
    # A directive ends at a line break, so each line is marked by itself.
    marked = "\n".join(
        f":{color}-background[{escape(line)}]" if line else "" for line in text[start:end].split("\n")
    )
    return escape(text[:start]) + marked.replace("\n", "  \n") + escape(text[end:])
