"""PNG: the header, the palette, transparency and the image data; texts, profiles and animation stay behind.

Source: Portable Network Graphics (Third Edition), W3C 2025, sections 5 and 11.
"""

import struct
import zlib

from PIL.PngImagePlugin import PngImageFile

from core.limits import MAX_PICTURE_PIXELS
from core.pictures.containers import exif
from core.pictures.containers.container import MAX_PARTS, Container, Damaged

MAGIC = b"\x89PNG\r\n\x1a\n"
_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
# A file that ends before this is cut off; the decoder notices if that took pixels away.
_END = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def read(content: bytes) -> Container:
    """The picture in a PNG file; of an animated one the picture that plain readers show. Raises Damaged."""
    if len(content) < 33 or content[8:16] != b"\0\0\0\x0dIHDR":
        raise Damaged("header")
    width, height = struct.unpack_from(">II", content, 16)
    kept, extra = [MAGIC], {}
    place = 8
    for _ in range(MAX_PARTS):
        kind, end = _chunk(content, place)
        if kind == b"IEND" or not kind:
            break
        if kind in _NEEDED:
            kept.append(content[place:end])
        elif kind in (b"eXIf", b"acTL", b"sBIT"):
            extra[kind] = content[place + 8 : end - 4]
        place = end
    kept.append(_END)
    return Container(
        PngImageFile,
        b"".join(kept),
        width,
        height,
        orientation=exif.orientation(extra.get(b"eXIf", b"")),
        is_animated=b"acTL" in extra,
        bits=min(extra.get(b"sBIT") or b"\0"),
        # Twice the bytes to unpack.
        max_pixels=MAX_PICTURE_PIXELS // (2 if content[24] == 16 else 1),
    )


def _chunk(content: bytes, place: int) -> tuple[bytes, int]:
    """The kind of the chunk at `place` and where it ends; no kind at the end of the file."""
    if place == len(content):
        return b"", place
    if place + 12 > len(content):
        raise Damaged("chunk")
    length = int.from_bytes(content[place : place + 4], "big")
    end = place + 12 + length
    if end > len(content):
        raise Damaged("chunk")
    return content[place + 4 : place + 8], end
