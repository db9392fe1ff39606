"""The one thing EXIF is read for: which way up the camera was held.

Read here rather than by Pillow, which parses all of it and warns of what it does not like.
Source: Exif 2.32, 4.5 and 4.6.4; TIFF 6.0, section 2.
"""

import struct

_ORIENTATION = 0x0112
_SHORT = 3
_MAX_ENTRIES = 1000


def orientation(block: bytes) -> int:
    """The orientation (1 to 8) in an EXIF block that begins with its TIFF header; 1 where it has none."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return 1
    (start,) = struct.unpack_from(f"{order}I", block, 4)
    if start + 2 > len(block):
        return 1
    (count,) = struct.unpack_from(f"{order}H", block, start)
    for number in range(min(count, _MAX_ENTRIES)):
        place = start + 2 + 12 * number
        if place + 12 > len(block):
            return 1
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", block, place)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and 1 <= value <= 8 else 1
    return 1
