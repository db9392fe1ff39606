"""JPEG: the tables, the frame and the scans; comments, thumbnails, profiles and further pictures stay behind.

Source: ITU-T T.81, annex B; APP14 as in Adobe's technical note 5116 (it says how colours are stored).
"""

import struct

from PIL.JpegImagePlugin import JpegImageFile

from core.pictures.containers import exif
from core.pictures.containers.container import MAX_PARTS, Container, Damaged

MAGIC = b"\xff\xd8\xff"
# Baseline, extended and progressive, all with Huffman codes: what browsers show. Lossless and arithmetic are rare.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})  # Huffman, quantisation, restart interval
_OTHER_FRAMES = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xDE})
_SCAN = 0xDA
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
# Each scan visits every block of the picture again; encoders write about ten.
_MAX_SCANS = 40
# Bytes of 255 that some writers put before a marker.
_MAX_FILL = 4


def read(content: bytes) -> Container:
    """The picture in a JPEG file. Raises Damaged."""
    kept = [b"\xff\xd8"]
    size, turned = None, 1
    place = 2
    for _ in range(MAX_PARTS):
        marker, start, end = _segment(content, place)
        body = content[start:end]
        if marker == _SCAN:
            break
        if marker in _OTHER_FRAMES or (marker in _FRAMES and (size or len(body) < 6)):
            raise Damaged("frame")
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", body, 1)
            size = width, height
        if marker == _APP1 and body.startswith(b"Exif\0\0"):
            turned = exif.orientation(body[6:])
        if _is_needed(marker, body):
            kept.append(content[place:end])
        place = end
    else:
        raise Damaged("too many segments")
    if size is None or content.count(b"\xff\xda", place) > _MAX_SCANS:
        raise Damaged("scans")
    kept.append(content[place:])
    return Container(JpegImageFile, b"".join(kept), *size, orientation=turned)


def _segment(content: bytes, place: int) -> tuple[int, int, int]:
    """The marker at `place` or after fill bytes there, and where its body starts and ends."""
    for _ in range(_MAX_FILL):
        place += content[place : place + 2] == b"\xff\xff"
    if content[place : place + 1] != b"\xff" or place + 4 > len(content):
        raise Damaged("marker")
    marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
    end = place + 2 + length
    if length < 2 or end > len(content):
        raise Damaged("segment")
    return marker, place + 4, end


def _is_needed(marker: int, body: bytes) -> bool:
    if marker in _FRAMES or marker in _TABLES:
        return True
    return (marker == _APP14 and body.startswith(b"Adobe")) or (marker == _APP0 and body.startswith(b"JFIF"))
