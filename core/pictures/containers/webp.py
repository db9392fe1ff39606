"""WebP: the size that its header declares, checked before the decoder takes memory for it.

Source: WebP Container Specification (RFC 9649), section 2.
"""

from PIL.WebPImagePlugin import WebPImageFile

from core.limits import MAX_WEBP_PIXELS
from core.pictures.containers import exif
from core.pictures.containers.container import MAX_PARTS, Container, Damaged

MAGIC = b"RIFF"
_HEADER_BYTES = 12
_ANIMATION = 0x02


def is_webp(content: bytes) -> bool:
    return content.startswith(MAGIC) and content[8:12] == b"WEBP"


def read(content: bytes) -> Container:
    """The picture in a WebP file, the first frame of an animated one. Raises Damaged."""
    end = 8 + int.from_bytes(content[4:8], "little")
    if len(content) < 30 or end > len(content) + 1:
        raise Damaged("cut off")
    width, height = _size(content)
    is_animated = content[12:16] == b"VP8X" and bool(content[20] & _ANIMATION)
    return Container(
        WebPImageFile,
        content[:end],
        width,
        height,
        orientation=_orientation(content[:end]),
        is_animated=is_animated,
        max_pixels=MAX_WEBP_PIXELS,
    )


def _size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        return _u24(content, 24) + 1, _u24(content, 27) + 1
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return _u16(content, 26) & 0x3FFF, _u16(content, 28) & 0x3FFF
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    raise Damaged("no size")


def _orientation(content: bytes) -> int:
    place = _HEADER_BYTES
    for _ in range(MAX_PARTS):
        if place + 8 > len(content):
            return 1
        length = int.from_bytes(content[place + 4 : place + 8], "little")
        if content[place : place + 4] == b"EXIF":
            return exif.orientation(content[place + 8 : place + 8 + length].removeprefix(b"Exif\0\0"))
        place += 8 + length + length % 2
    return 1


def _u16(content: bytes, place: int) -> int:
    return int.from_bytes(content[place : place + 2], "little")


def _u24(content: bytes, place: int) -> int:
    return int.from_bytes(content[place : place + 3], "little")
