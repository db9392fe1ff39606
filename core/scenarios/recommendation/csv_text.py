"""An uploaded file as UTF-8, whatever it was written in; quick where it is UTF-8 already."""

import codecs
from collections.abc import Generator

from core.encodings import decode
from core.scenarios.recommendation.background import in_background
from core.types import Progress

BLOCK_BYTES = 8 * 2**20


def as_utf8(content: bytes) -> Generator[Progress, None, bytes]:
    """The text in UTF-8 without a mark. Raises InvalidInputError for what is no text, as `decode` does."""
    if b"\x00" not in content and (yield from _is_utf8(content)):
        return content.removeprefix(codecs.BOM_UTF8)
    return (
        yield from in_background(lambda: decode(content).encode("utf-8"), Progress(0, len(content), "bytes"))
    )


def _is_utf8(content: bytes) -> Generator[Progress, None, bool]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), BLOCK_BYTES):
        end = start + BLOCK_BYTES
        try:
            decoder.decode(memoryview(content)[start:end], final=end >= len(content))
        except UnicodeDecodeError:
            return False
        yield Progress(0, len(content), "bytes")
    return True
