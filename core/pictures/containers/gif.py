"""GIF: the screen, its colours and the first frame; comments and further frames stay behind.

Source: GIF89a specification, CompuServe 1990.
"""

import struct

from PIL.GifImagePlugin import GifImageFile

from core.pictures.containers.container import MAX_PARTS, Container, Damaged

MAGIC = b"GIF8"
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9


def read(content: bytes) -> Container:
    """The first frame of a GIF file, on its screen. Raises Damaged."""
    if len(content) < 13 or content[:6] not in (b"GIF87a", b"GIF89a"):
        raise Damaged("header")
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    colours = 13 + _table_bytes(flags)
    control, start = _next_image(content, colours)
    if start is None:
        raise Damaged("no frame")
    left, top, frame_width, frame_height, frame_flags = struct.unpack_from("<4HB", content, start + 1)
    # One byte of code size comes before the blocks.
    end = _after_blocks(content, start + 10 + _table_bytes(frame_flags) + 1)
    frame = content[start:end]
    _, second = _next_image(content, end, is_needed=False)
    return Container(
        GifImageFile,
        b"".join((content[:colours], control, frame, b";")),
        # A frame may be larger than its screen; readers enlarge the screen then.
        max(width, left + frame_width),
        max(height, top + frame_height),
        is_animated=second is not None,
    )


def _table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _next_image(content: bytes, place: int, *, is_needed: bool = True) -> tuple[bytes, int | None]:
    """The last graphic control extension before the next image, and where that image starts, if any."""
    control = b""
    for _ in range(MAX_PARTS):
        kind = content[place] if place < len(content) else _TRAILER
        if kind == _IMAGE and place + 10 <= len(content):
            return control, place
        if kind != _EXTENSION or place + 2 >= len(content):
            return control, None
        try:
            end = _after_blocks(content, place + 2)
        except Damaged:
            if is_needed:
                raise
            return control, None
        if content[place + 1] == _GRAPHIC_CONTROL:
            control = content[place:end]
        place = end
    raise Damaged("too many parts")


def _after_blocks(content: bytes, place: int) -> int:
    """Where a chain of data blocks ends: each says its length, and one of length 0 is the last."""
    for _ in range(MAX_PARTS):
        if place >= len(content):
            raise Damaged("cut off")
        length = content[place]
        place += 1 + length
        if length == 0:
            return place
    raise Damaged("too many blocks")
