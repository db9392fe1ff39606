"""JPEG 2000 as DICOM files carry it: one codestream, whose headers decide how much memory its decoder takes.

Source: ISO/IEC 15444-1, annex A. Uncommon ways to divide a picture are refused: a few bytes of them ask for gigabytes.
"""

import struct
from dataclasses import dataclass

from core.pictures.containers.container import Damaged

_START = b"\xff\x4f\xff\x51"
_CODING, _COMPONENT_CODING, _TILE_PART, _TILE_DATA, _END = 0xFF52, 0xFF53, 0xFF90, 0xFF93, 0xFFD9
# Region of interest, order of progression, packed headers: allowed by the format, used by nobody.
_REFUSED = frozenset({0xFF5E, 0xFF5F, 0xFF60, 0xFF61})
_MAX_TILES, _MAX_MARKERS, _MAX_TILE_MARKERS, _MAX_LAYERS, _MAX_LEVELS = 1024, 5000, 50, 64, 12
# As powers of two: blocks of 16 px and precincts of 32 px; encoders write 32 or 64, and 128 or more.
_MIN_BLOCK, _MIN_PRECINCT = 4, 5


@dataclass(frozen=True)
class Codestream:
    """A JPEG 2000 picture; `levels` says how often it can be halved while it is decoded."""

    content: bytes
    width_px: int
    height_px: int
    components: int
    precision: int
    is_signed: bool
    levels: int

    def halvings(self, side_px: int) -> int:
        """How often to halve it so that the long side still has `side_px`."""
        wanted = max(0, (max(self.width_px, self.height_px) // side_px).bit_length() - 1)
        return next(n for n in range(min(wanted, self.levels), -1, -1) if self._is_exact(n))

    def _is_exact(self, halvings: int) -> bool:
        """Pillow rounds the size where the standard rounds it up, and fails where they differ."""
        unit = 1 << halvings
        return all(-(-side // unit) == (side + unit // 2) // unit for side in (self.width_px, self.height_px))


def read(content: bytes) -> Codestream:
    """The codestream, taken out of the boxes that a JP2 file would add. Raises Damaged."""
    start = content.find(_START)
    if start < 0 or len(content) < start + 60:
        raise Damaged("no codestream")
    content = content[start:]
    width, height, components, precision = _size(content)
    levels, place = [], 2
    for _ in range(_MAX_MARKERS):
        marker, end = _marker(content, place)
        if marker == _END:
            break
        if marker == _TILE_PART:
            found, place = _tile_part(content, place)
            levels += found
        else:
            levels += _coding(marker, content[place + 4 : end])
            place = end
    if not levels:
        raise Damaged("no coding style")
    bits, is_signed = (precision & 0x7F) + 1, precision >= 0x80
    return Codestream(content, width, height, components, bits, is_signed, min(levels))


def _size(content: bytes) -> tuple[int, int, int, int]:
    """Width, height, number of components, and the coded precision that they share."""
    width, height, left, top, tile_width, tile_height, *tile_start, components = struct.unpack_from(
        ">8IH", content, 8
    )
    if components not in (1, 3) or left or top or any(tile_start) or not tile_width or not tile_height:
        raise Damaged("components")
    each = {content[42 + 3 * number : 45 + 3 * number] for number in range(components)}
    # No component is stored more coarsely than another.
    if len(each) != 1 or (described := each.pop())[1:] != b"\1\1":
        raise Damaged("components differ")
    # The lower seven bits are the precision less one.
    if described[0] & 0x70 or -(-width // tile_width) * -(-height // tile_height) > _MAX_TILES:
        raise Damaged("tiles")
    return width, height, components, described[0]


def _marker(content: bytes, place: int) -> tuple[int, int]:
    """The marker at `place`, and where its segment ends."""
    if place + 4 > len(content):
        # Cut off: the decoder decides whether what is there is enough.
        return _END, place
    marker, length = struct.unpack_from(">HH", content, place)
    if marker in _REFUSED or (marker != _END and (marker < 0xFF4F or length < 2)):
        raise Damaged("marker")
    return marker, place + 2 + length


def _coding(marker: int, body: bytes) -> list[int]:
    """How many halvings a coding style allows, if the segment is one. Raises Damaged for what asks for too much."""
    if marker == _CODING and len(body) >= 10:
        flags, layers = struct.unpack_from(">BxH", body)
        if not 0 < layers <= _MAX_LAYERS:
            raise Damaged("layers")
        style = body[5:]
    elif marker == _COMPONENT_CODING and len(body) >= 7:
        flags, style = body[1], body[2:]
    elif marker in (_CODING, _COMPONENT_CODING):
        raise Damaged("coding style")
    else:
        return []
    levels, block_width, block_height = style[:3]
    if levels > _MAX_LEVELS or min(block_width, block_height) + 2 < _MIN_BLOCK:
        raise Damaged("blocks")
    precincts = style[5 : 6 + levels] if flags & 1 else b"\xff"
    if min((min(each & 15, each >> 4) for each in precincts), default=0) < _MIN_PRECINCT:
        raise Damaged("precincts")
    return [levels]


def _tile_part(content: bytes, place: int) -> tuple[list[int], int]:
    """The halvings that a tile-part's own header allows, and where the tile-part ends."""
    if place + 12 > len(content):
        raise Damaged("tile")
    (length,) = struct.unpack_from(">I", content, place + 6)
    levels, inner = [], place + 12
    for _ in range(_MAX_TILE_MARKERS):
        if content[inner : inner + 2] == _TILE_DATA.to_bytes(2, "big"):
            return levels, place + length if length >= inner + 2 - place else len(content)
        marker, end = _marker(content, inner)
        if marker == _END:
            break
        levels += _coding(marker, content[inner + 4 : end])
        inner = end
    raise Damaged("tile header")
