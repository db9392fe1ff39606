"""BMP: uncompressed ones only, as Pillow unpacks the others byte by byte in Python.

Source: BITMAPINFOHEADER and its successors, Microsoft's Windows GDI reference.
"""

import struct

from PIL.BmpImagePlugin import BmpImageFile

from core.pictures.containers.container import Container, Damaged

MAGIC = b"BM"
_OLD_HEADER_BYTES = 12
_UNCOMPRESSED = frozenset({0, 3})


def read(content: bytes) -> Container:
    """The picture in a BMP file. Raises Damaged."""
    if len(content) < 54:
        raise Damaged("header")
    (header_bytes,) = struct.unpack_from("<I", content, 14)
    if header_bytes == _OLD_HEADER_BYTES:
        width, height = struct.unpack_from("<HH", content, 18)
        return Container(BmpImageFile, content, width, height)
    # A negative height says that the rows go from top to bottom.
    width, height, compression = struct.unpack_from("<ii4xI", content, 18)
    if compression not in _UNCOMPRESSED:
        raise Damaged("compressed")
    return Container(BmpImageFile, content, width, abs(height))
