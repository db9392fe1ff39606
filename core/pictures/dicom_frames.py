"""The stored values of the one picture in a DICOM file, uncompressed or not, as an array.

Source: DICOM PS3.5, 8 and annexes A and G. JPEG lossless and JPEG-LS have no decoder here that is both permissively
licensed and sturdy, so they are refused.
"""

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from pydicom import uid
from pydicom.encaps import get_frame
from pydicom.pixels import convert_color_space, get_decoder

from core.limits import MAX_SIDE_PX
from core.pictures.containers import jpeg, jpeg2000
from core.pictures.containers.container import Damaged
from core.pictures.dicom_elements import Elements
from core.pictures.dicom_layout import Layout, not_decoded, too_large

# Decoding takes some 0.2 s for a million; nearly all files can be halved on the way, and are far below.
_MAX_J2K_VALUES = 8_000_000
_NATIVE = (uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian)


def stored_values(elements: Elements, layout: Layout) -> np.ndarray:
    """The values of shape (rows, columns), or (rows, columns, 3) in RGB.

    JPEG and JPEG 2000 may come smaller than declared, but not below MAX_SIDE_PX on the long side: they are decoded
    only as finely as needed. Raises InvalidInputError for compression that is not read, and what the decoders raise.
    """
    syntax = elements.transfer_syntax
    content = elements.technical["PixelData"].value
    if syntax in _NATIVE:
        return _native(syntax, content, layout)
    decode = _DECODERS.get(syntax)
    # 12-bit JPEG has a transfer syntax in common with 8-bit JPEG.
    if decode is None or (decode is _from_jpeg and layout.bits_stored > 8):
        raise not_decoded()
    return _masked(decode(get_frame(content, 0, number_of_frames=1), layout), layout)


def _native(syntax: str, content: bytes, layout: Layout) -> np.ndarray:
    values, _ = get_decoder(syntax).as_array(
        content,
        index=0,
        rows=layout.rows,
        columns=layout.columns,
        samples_per_pixel=layout.samples,
        number_of_frames=1,
        pixel_keyword="PixelData",
        photometric_interpretation=layout.photometric,
        planar_configuration=int(layout.is_planar),
        pixel_representation=int(layout.is_signed),
        bits_allocated=layout.bits_allocated,
        bits_stored=layout.bits_stored,
    )
    return _masked(values, layout)


def _masked(values: np.ndarray, layout: Layout) -> np.ndarray:
    """Without what old devices keep in the bits above those stored; signed values with their sign."""
    unused = layout.bits_allocated - layout.bits_stored
    # JPEG 2000 has said itself how many bits there are, and comes with 32.
    if not unused or values.ndim == 3 or values.itemsize * 8 != layout.bits_allocated:
        return values
    kind = "i" if layout.is_signed else "u"
    shifted = values.astype(f"u{values.itemsize}") << unused
    return shifted.view(f"{kind}{values.itemsize}") >> unused


def _from_jpeg(frame: bytes, layout: Layout) -> np.ndarray:
    container = jpeg.read(frame)
    _check_size(container.width_px, container.height_px, layout)
    with container.opened() as image:
        # RGB without a word from Adobe would be taken for YCbCr and converted; asking for YCbCr leaves it as it is.
        is_raw = layout.photometric == "RGB" and "adobe_transform" not in image.info
        image.draft("YCbCr" if is_raw else None, (MAX_SIDE_PX, MAX_SIDE_PX))
        image.load()
        return _of_mode(image, ("YCbCr" if is_raw else "RGB") if layout.samples == 3 else "L")


def _from_jpeg_2000(frame: bytes, layout: Layout) -> np.ndarray:
    stream = jpeg2000.read(frame)
    _check_size(stream.width_px, stream.height_px, layout)
    halvings = stream.halvings(MAX_SIDE_PX)
    values = (stream.width_px >> halvings) * (stream.height_px >> halvings) * stream.components
    if values > _MAX_J2K_VALUES:
        raise too_large(values, _MAX_J2K_VALUES)
    with Jpeg2KImageFile(io.BytesIO(stream.content)) as image:
        image.reduce = halvings
        image.load()
        if layout.samples == 3:
            return _of_mode(image, "RGB")
        values = _of_mode(image, "I;16" if stream.precision > 8 else "L")
    # Pillow spreads the values over 8 or 16 bits, and lifts signed ones by half the range.
    whole = values.astype(np.int32)
    whole >>= 8 * values.itemsize - stream.precision
    half = 2 ** (stream.precision - 1)
    if stream.is_signed:
        whole -= half
    elif layout.is_signed:
        # Some encoders don't say that the values are signed.
        whole[whole >= half] -= 2 * half
    return whole


def _from_rle(frame: bytes, layout: Layout) -> np.ndarray:
    """One segment per byte of a value, the highest byte first (PS3.5, G.2), rows packed one by one (G.3)."""
    depth = layout.bits_allocated // 8
    count, *offsets = struct.unpack_from("<16I", frame)
    if count != depth * layout.samples:
        raise Damaged("segments")
    ends = [*offsets[1:count], len(frame)]
    planes = np.stack(
        [_unpacked(frame[at:end], layout) for at, end in zip(offsets, ends, strict=False)], axis=-1
    )
    if layout.samples == 3:
        return (
            planes if layout.photometric == "RGB" else convert_color_space(planes, layout.photometric, "RGB")
        )
    kind = "i" if layout.is_signed else "u"
    return np.ascontiguousarray(planes).view(f">{kind}{depth}")[..., 0].astype(f"{kind}{depth}")


def _unpacked(segment: bytes, layout: Layout) -> np.ndarray:
    return np.asarray(Image.frombytes("L", (layout.columns, layout.rows), segment, "packbits", "L"))


def _check_size(width_px: int, height_px: int, layout: Layout) -> None:
    """Of the compressed picture: it decides how much memory is taken, not what the file says around it."""
    if (width_px, height_px) != (layout.columns, layout.rows):
        raise Damaged("size")


def _of_mode(image: Image.Image, mode: str) -> np.ndarray:
    if image.mode != mode:
        raise Damaged("mode")
    return np.asarray(image)


_DECODERS: dict[str, Callable[[bytes, Layout], np.ndarray]] = {
    uid.RLELossless: _from_rle,
    uid.JPEGBaseline8Bit: _from_jpeg,
    uid.JPEGExtended12Bit: _from_jpeg,
    uid.JPEG2000Lossless: _from_jpeg_2000,
    uid.JPEG2000: _from_jpeg_2000,
}
