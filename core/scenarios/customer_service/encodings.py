"""Bytes of an uploaded file into text.

Explicit tries in a fixed order rather than a statistical guess: a guess among some ninety encodings takes
short GB18030 texts for Korean or Big5 now and then, and a knowledge base in the wrong encoding looks fine
until someone reads it. What no try explains is refused, with the place of the first byte that is not UTF-8.
"""

import codecs
import re

from core.errors import N_, InvalidInputError

# UTF-32's little-endian mark begins with UTF-16's, so it goes first.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A statistic over this many bytes is as good as one over the whole file, and much cheaper; even, for UTF-16.
SAMPLE_BYTES = 200_000
# Office programs leave a control character (soft line break) here and there; binary files are full of them.
MAX_CONTROL_SHARE = 0.001

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_USUAL = re.compile(
    r"[\t\n\r -~\u00a0-\u024f\u2010-\u203f\u20ac\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]"
)


def decode(content: bytes) -> str:
    """The text of these bytes, with newlines as they are, stray control characters removed.

    Raises InvalidInputError for binary files and for encodings other than UTF-8, UTF-16, UTF-32 (with mark),
    GB18030 and Windows-1252.
    """
    text = _decode_marked(content)
    if text is None:
        text = _decode_utf16(content) if b"\x00" in content else _decode_unmarked(content)
    controls = len(_CONTROL.findall(text))
    if "\x00" in text or controls > MAX_CONTROL_SHARE * len(text) + 1:
        raise _binary()
    return _CONTROL.sub("", text) if controls else text


def clean(text: str) -> str:
    """Text without control characters and lone surrogates, which no database or JSON writer takes."""
    return _CONTROL.sub("", text.encode("utf-8", "ignore").decode("utf-8"))


def _decode_marked(content: bytes) -> str | None:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise _unreadable(error.start) from error
    return None


def _decode_utf16(content: bytes) -> str:
    """NUL bytes without a mark: UTF-16 if nearly all characters are usual ones, else a binary file."""
    sample = content[:SAMPLE_BYTES]
    encoding = max(("utf-16-le", "utf-16-be"), key=lambda name: _usual_share(sample, name))
    text = _try(content, encoding)
    if text is None or _usual_share(sample, encoding) < 0.95:
        raise _binary()
    return text


def _usual_share(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, "replace")
    return len(_USUAL.findall(text)) / max(1, len(text))


def _decode_unmarked(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _looks_like_utf8(content):  # UTF-8 with a damaged place: any other reading would be mojibake
            raise _unreadable(error.start) from error
        first_bad = error.start
    for encoding, is_plausible in (("gb18030", _is_plain_chinese), ("cp1252", _is_western)):
        text = _try(content, encoding)
        if text is not None and is_plausible(text[:SAMPLE_BYTES]):
            return text
    if _CONTROL.search(content[:SAMPLE_BYTES].decode("latin-1").translate(_C1_GONE)):
        raise _binary()
    raise _unreadable(first_bad)


# Bytes 0x80-0x9f are letters in most encodings: only the lower controls speak of a binary file.
_C1_GONE = dict.fromkeys(range(0x80, 0xA0))


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_like_utf8(content: bytes) -> bool:
    wide = _NON_ASCII.findall(content[:SAMPLE_BYTES].decode("utf-8", "replace"))
    return wide.count("\ufffd") < 0.1 * len(wide)


def _is_plain_chinese(text: str) -> bool:
    """Nearly all wide characters are in GB2312, the 7,445 usual ones; misread Western accents are not."""
    wide = _NON_ASCII.findall(text)
    return len("".join(wide).encode("gb2312", "ignore")) >= 2 * 0.9 * len(wide)


def _is_western(text: str) -> bool:
    """Accents and typographic quotation marks are rare among plain letters."""
    return len(_NON_ASCII.findall(text)) < 0.3 * len(text)


def _binary() -> InvalidInputError:
    return InvalidInputError(
        N_("The file is binary, not text. Save it as CSV, Markdown, plain text or PDF and upload that.")
    )


def _unreadable(position: int) -> InvalidInputError:
    return InvalidInputError(
        N_(
            "The file's text encoding cannot be recognised (first unreadable byte: {position}). "
            "Save the file as UTF-8."
        ),
        position=position + 1,
    )
