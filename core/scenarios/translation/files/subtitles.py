"""SubRip subtitles (srt): what is said; numbers, times and positions stay."""

import re
from collections.abc import Iterator
from functools import partial

from core.errors import N_, InvalidInputError
from core.lines import columns, filled, unwrapped
from core.scenarios.translation.files.spans import Span, has_letters

_TIME = r"\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}"
# A line with the times, and what follows up to a blank line.
_CUE = re.compile(
    rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\r\n]*(?:\r\n|\r|\n)(?P<said>(?:[^\r\n]*\S[^\r\n]*(?:\r\n|\r|\n|\Z))+)",
    re.MULTILINE,
)
_LINE = re.compile(r"[^\r\n]+")
_SPEAKER = re.compile(r"\s*[-–—]")
# Where the subtitle stands, for programs ({\an8}), and the dash of a speaker.
_BEFORE = re.compile(r"\s*(?:\{\\[^}\r\n]*\}\s*)*(?:[-–—]\s*)?")


def read_subtitles(content: str) -> Iterator[Span]:
    """A text per subtitle, or per speaker where each line has its own.

    Raises InvalidInputError where the file has no subtitle with its times.
    """
    cues = list(_CUE.finditer(content))
    if not cues:
        raise InvalidInputError(
            N_(
                "The file has no subtitles with their times. "
                "Each needs a line such as 00:00:01,000 --> 00:00:04,000 above its text."
            )
        )
    for cue in cues:
        lines = list(_LINE.finditer(content, cue.start("said"), cue.end("said")))
        if all(_SPEAKER.match(line[0]) for line in lines):
            yield from (span for line in lines for span in _said([line]))
        else:
            yield from _said(lines)


def _said(lines: list[re.Match[str]]) -> Iterator[Span]:
    start = lines[0].start() + _BEFORE.match(lines[0][0]).end()
    end = lines[-1].start() + len(lines[-1][0].rstrip())
    texts = [lines[0].string[start : lines[0].end()], *(line[0] for line in lines[1:])]
    text = unwrapped(texts)
    if has_letters(text):
        newline = lines[0].string[lines[0].end() : lines[1].start()] if len(lines) > 1 else "\n"
        yield Span(start, end, text, partial(_in_lines, count=len(lines), newline=newline))


def _in_lines(translation: str, *, count: int, newline: str) -> str:
    """The translation in as many lines as there were, of about the same width."""
    width = -(-columns(translation) // count)
    lines = filled(translation, width)
    while len(lines) > count:
        width += 1
        lines = filled(translation, width)
    return newline.join(lines)
