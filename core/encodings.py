"""Bytes of an uploaded file into text.

Explicit tries in a fixed order rather than a statistical guess: a guess among some ninety encodings takes
short GB18030 texts for Korean or Big5 now and then, and a file in the wrong encoding looks fine until
someone reads it. What no try explains is refused, with the place of the first byte that is not UTF-8.
"""

import codecs
import re
from dataclasses import dataclass

from core.errors import N_, InvalidInputError


@dataclass(frozen=True)
class Encoding:
    """How a file's text is written: a codec, and the mark at the beginning of the file, if any."""

    codec: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """The text as a file; as UTF-8 with a mark where this encoding lacks a character of it."""
        try:
            return self.mark + text.encode(self.codec)
        except UnicodeEncodeError:
            return codecs.BOM_UTF8 + text.encode("utf-8", "ignore")


# UTF-32's little-endian mark begins with UTF-16's, so it goes first.
MARKED = (
    Encoding("utf-8", codecs.BOM_UTF8),
    Encoding("utf-32-le", codecs.BOM_UTF32_LE),
    Encoding("utf-32-be", codecs.BOM_UTF32_BE),
    Encoding("utf-16-le", codecs.BOM_UTF16_LE),
    Encoding("utf-16-be", codecs.BOM_UTF16_BE),
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
    """The text of these bytes; see `decode_with_encoding`."""
    return decode_with_encoding(content)[0]


def decode_with_encoding(content: bytes) -> tuple[str, Encoding]:
    """The text of these bytes, with newlines as they are, stray control characters removed; and its encoding.

    Raises InvalidInputError for binary files and for encodings other than UTF-8, UTF-16, UTF-32 (with mark),
    GB18030 and Windows-1252.
    """
    found = _decode_marked(content)
    if found is None:
        found = _decode_utf16(content) if b"\x00" in content else _decode_unmarked(content)
    text, encoding = found
    controls = len(_CONTROL.findall(text))
    if "\x00" in text or controls > MAX_CONTROL_SHARE * len(text) + 1:
        raise _binary()
    return (_CONTROL.sub("", text) if controls else text), encoding


def clean(text: str) -> str:
    """Text without control characters and lone surrogates, which no database or JSON writer takes."""
    return _CONTROL.sub("", text.encode("utf-8", "ignore").decode("utf-8"))


def _decode_marked(content: bytes) -> tuple[str, Encoding] | None:
    for encoding in MARKED:
        if content.startswith(encoding.mark):
            try:
                return content[len(encoding.mark) :].decode(encoding.codec), encoding
            except UnicodeDecodeError as error:
                raise _unreadable(error.start + len(encoding.mark)) from error
    return None


def _decode_utf16(content: bytes) -> tuple[str, Encoding]:
    """NUL bytes without a mark: UTF-16 if nearly all characters are usual ones, else a binary file."""
    sample = content[:SAMPLE_BYTES]
    codec = max(("utf-16-le", "utf-16-be"), key=lambda name: _usual_share(sample, name))
    text = _try(content, codec)
    if text is None or _usual_share(sample, codec) < 0.95:
        raise _binary()
    return text, Encoding(codec)


def _usual_share(sample: bytes, codec: str) -> float:
    text = sample.decode(codec, "replace")
    return len(_USUAL.findall(text)) / max(1, len(text))


def _decode_unmarked(content: bytes) -> tuple[str, Encoding]:
    try:
        return content.decode("utf-8"), Encoding("utf-8")
    except UnicodeDecodeError as error:
        if _looks_like_utf8(content):  # UTF-8 with a damaged place: any other reading would be mojibake
            raise _unreadable(error.start) from error
        first_bad = error.start
    for codec, is_plausible in (("gb18030", _is_plain_chinese), ("cp1252", _is_western)):
        text = _try(content, codec)
        if text is not None and is_plausible(text[:SAMPLE_BYTES]):
            return text, Encoding(codec)
    if _CONTROL.search(content[:SAMPLE_BYTES].decode("latin-1").translate(_C1_GONE)):
        raise _binary()
    raise _unreadable(first_bad)


# Bytes 0x80-0x9f are letters in most encodings: only the lower controls speak of a binary file.
_C1_GONE = dict.fromkeys(range(0x80, 0xA0))


def _try(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
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
        N_("The file is binary, not text. Save it as plain text, Markdown or CSV and upload that.")
    )


def _unreadable(position: int) -> InvalidInputError:
    return InvalidInputError(
        N_(
            "The file's text encoding cannot be recognised (first unreadable byte: {position}). "
            "Save the file as UTF-8."
        ),
        position=position + 1,
    )
