"""Knowledge bases as Markdown: the heading is the question, the text below it the answer.

A scan of lines rather than a full parser: it is linear on any input, and nothing but headings matters here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.scenarios.customer_service.rows import Row
from core.scenarios.customer_service.texts import pack, passages, unified

# Below the limit of one answer (documents.MAX_ANSWER_CHARS): a longer section becomes several entries.
SECTION_CHARS = 7_500
# A "heading" of more is a paragraph with a stray # before it.
HEADING_CHARS = 300
TOPIC_SEPARATOR = " > "

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass
class _Section:
    """A heading (level 0: none) and the lines below it."""

    line: int
    level: int
    heading: str
    body: list[str] = field(default_factory=list)


def read_markdown(text: str) -> Iterator[Row]:
    """A row per section that has text; headings above it are its topic, and make a second way to ask.

    Text before the first heading becomes passages without a question.
    """
    above: list[tuple[int, str]] = []
    for section in _sections(unified(text).split("\n")):
        if not section.level:
            yield from passages(section.body)
            continue
        above = [(level, heading) for level, heading in above if level < section.level]
        topic = TOPIC_SEPARATOR.join(heading for _, heading in above)
        above.append((section.level, section.heading))
        # Below "Returns", the heading "How long?" alone says too little to be found.
        questions = (section.heading, f"{topic}: {section.heading}") if topic else (section.heading,)
        for part in pack("\n".join(section.body), SECTION_CHARS):
            yield Row(section.line, part, questions, topic=topic)


def _sections(lines: list[str]) -> Iterator[_Section]:
    section, fence = _Section(1, 0, ""), ""
    for number, line in enumerate(_without_front_matter(lines), start=1):
        fence = _fence_after(fence, line)
        heading = None if fence else _HEADING.match(line)
        if heading and len(line) <= HEADING_CHARS:
            yield section
            section = _Section(number, len(heading[1]), _bare(heading[2]))
        elif not fence and _underlines(line, section.body):
            title = section.body.pop()
            yield section
            section = _Section(number - 1, 1 if "=" in line else 2, _bare(title))
        else:
            section.body.append(line)
    yield section


def _fence_after(fence: str, line: str) -> str:
    """The mark of the code block that goes on after this line; "#" inside one is no heading."""
    mark = _FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark[1]
    return "" if mark[1].startswith(fence) and line.strip() == mark[1] else fence


def _underlines(line: str, body: list[str]) -> bool:
    """Whether this line makes a heading of the one before it, a paragraph of one line."""
    if not body or not _UNDERLINE.match(line):
        return False
    title = body[-1].strip()
    return 0 < len(title) <= HEADING_CHARS and title[0] not in "-|>*" and not "".join(body[-2:-1]).strip()


def _without_front_matter(lines: list[str]) -> list[str]:
    """The lines with a YAML block at the very top blanked, so that line numbers stay."""
    if lines[0].strip() != "---":
        return lines
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    return [""] * (end + 1) + lines[end + 1 :]


def _bare(heading: str) -> str:
    """A heading without closing #s and emphasis."""
    return heading.strip().rstrip("#").strip().strip("*_`").strip() or heading.strip()
