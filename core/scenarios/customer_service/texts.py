"""Knowledge bases as plain text: question-and-answer pairs, or paragraphs cut into passages."""

import re
from collections.abc import Iterator

from core.lines import unwrapped
from core.scenarios.customer_service.rows import Row

# Small embedders read about 256 word pieces, some 1,000 English characters: what is longer would go unread.
PASSAGE_CHARS = 800
# What a title of running text looks like: one short line that is no sentence.
TITLE_CHARS = 60

_QUESTION = re.compile(r"\s*(?:Q|Question|问题|问|提问)(?:\s*\d{1,4})?\s*[:：](.*)", re.IGNORECASE)
_ANSWER = re.compile(r"\s*(?:A|Answer|答案|答|回答)(?:\s*\d{1,4})?\s*[:：](.*)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?])\s|\n")


def read_plain(text: str) -> Iterator[Row]:
    """Rows of Q: / A: pairs where the text has them, else a row per paragraph."""
    lines = unified(text).split("\n")
    if any(map(_QUESTION.match, lines)) and any(map(_ANSWER.match, lines)):
        yield from _pairs(lines)
    else:
        yield from passages(lines)


def unified(text: str) -> str:
    """The text with "\\n" as its only line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")


def passages(lines: list[str], first_line: int = 1) -> Iterator[Row]:
    """A row without a question per paragraph; long ones are cut, a title goes with what follows it."""
    title = ""
    for line, paragraph in _paragraphs(lines, first_line):
        text = unwrapped(paragraph)
        if _is_title(paragraph):
            title = f"{title}{text}\n"
            continue
        for piece in pack(title + text, PASSAGE_CHARS):
            yield Row(line, piece)
        title = ""
    if title:
        yield from (Row(first_line, piece) for piece in pack(title, PASSAGE_CHARS))


def pack(text: str, limit: int) -> Iterator[str]:
    """Pieces of at most `limit` characters, broken between sentences or lines where there are any."""
    start, text = 0, text.strip()
    while start < len(text):
        cut = len(text)
        if cut - start > limit:
            ends = [end.end() for end in _SENTENCE_END.finditer(text, start + 1, start + limit)]
            cut = ends[-1] if ends else text.rfind(" ", start + 1, start + limit) + 1 or start + limit
        if piece := text[start:cut].strip():
            yield piece
        start = cut


def _paragraphs(lines: list[str], first_line: int) -> Iterator[tuple[int, list[str]]]:
    """(line, lines) of each run of lines between blank ones."""
    begin, paragraph = first_line, list[str]()
    for number, line in enumerate([*lines, ""], start=first_line):
        if line.strip():
            begin = begin if paragraph else number
            paragraph.append(line)
        elif paragraph:
            yield begin, paragraph
            paragraph = []


def _is_title(paragraph: list[str]) -> bool:
    text = paragraph[0].strip()
    return len(paragraph) == 1 and len(text) <= TITLE_CHARS and text[-1] not in ".!?。！？；;…"


def _pairs(lines: list[str]) -> Iterator[Row]:
    """A row per answer, shared by questions in a row; text before the first question becomes passages."""
    first = next(number for number, line in enumerate(lines) if _QUESTION.match(line))
    yield from passages(lines[:first])
    begin, questions, answer = first + 1, list[list[str]](), list[str]()
    for number, line in enumerate(lines[first:], start=first + 1):
        if asked := _QUESTION.match(line):
            if answer:
                yield _pair(begin, questions, answer)
                questions, answer = [], []
            begin = begin if questions else number
            questions.append([asked[1]])
        elif answered := _ANSWER.match(line):
            answer.append(answered[1])
        else:
            (answer or questions[-1]).append(line)
    yield _pair(begin, questions, answer)


def _pair(line: int, questions: list[list[str]], answer: list[str]) -> Row:
    return Row(line, "\n".join(answer).strip(), tuple(map(unwrapped, questions)))
