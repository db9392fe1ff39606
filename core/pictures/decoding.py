"""From the bytes of one picture file to pixels, within bounds of memory and time; nothing is written to disk."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_PICTURE_BYTES, MAX_SIDE_PX
from core.pictures.containers.container import Container, Damaged
from core.pictures.formats import read_container
from core.pictures.names import clean_name
from core.pictures.shrinking import averaged

# All that Pillow's readers let escape for bytes that they did not expect.
_BROKEN = (
    Damaged,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    AttributeError,
    AssertionError,
    OverflowError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DEPTHS = (8, 10, 12, 14, 16)
# JPEG leaves a little colour in grey pictures, and a scanner's mark may be coloured.
_GREY_SPREAD, _GREY_SHARE = 12, 0.99


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded upload: `pixels` is uint8 RGB (height, width, 3), upright, at most MAX_SIDE_PX on the long side."""

    name: str
    pixels: np.ndarray
    width_px: int
    """As uploaded, upright."""
    height_px: int
    is_grey: bool
    """No colour to speak of, however it is stored."""
    note: str = ""
    """A sentence to translate and show beside the picture: something of the file was left out."""


def decode_picture(content: bytes, name: str) -> Picture:
    """The picture in a JPEG, PNG, WebP, GIF or BMP file; transparent places are white, of an animation the first frame.

    Embedded colour profiles are ignored: the models learned from pictures whose profiles were ignored too.
    Raises InvalidInputError, whatever the bytes are.
    """
    _check_bytes(content)
    try:
        container = read_container(content)
        _check_pixels(container)
        pixels = _pixels(container)
    except _BROKEN as error:
        message = N_(
            "The picture is damaged or cut off. Open it, save it again as PNG or JPEG and upload that."
        )
        raise InvalidInputError(message) from error
    note = N_("Only the first frame of the animation is looked at.") if container.is_animated else ""
    width, height = container.width_px, container.height_px
    if container.orientation > 4:
        width, height = height, width
    return Picture(clean_name(name), pixels, width, height, is_grey(pixels), note)


def is_grey(pixels: np.ndarray) -> bool:
    """Whether nearly all of the RGB pixels have no colour."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return bool((spread <= _GREY_SPREAD).mean() >= _GREY_SHARE)


def _check_bytes(content: bytes) -> None:
    if not content:
        raise InvalidInputError(N_("The file is empty. Choose a picture."))
    if len(content) > MAX_PICTURE_BYTES:
        raise InputTooLargeError(
            N_("The picture has {size} MB; the limit is {limit} MB. Make it smaller and upload that."),
            size=-(-len(content) // 2**20),
            limit=MAX_PICTURE_BYTES // 2**20,
        )


def _check_pixels(container: Container) -> None:
    """By the size that the file declares: nothing has been decoded yet."""
    if container.width_px <= 0 or container.height_px <= 0:
        raise Damaged("size")
    pixels = container.width_px * container.height_px
    if pixels > container.max_pixels:
        raise InputTooLargeError(
            N_("The picture has {size} megapixels; the limit is {limit}. Make it smaller and upload that."),
            size=-(-pixels // 10**6),
            limit=container.max_pixels // 10**6,
        )


def _pixels(container: Container) -> np.ndarray:
    with container.opened() as image:
        # Lets the JPEG decoder leave out detail that would be shrunk away.
        image.draft(None, (MAX_SIDE_PX, MAX_SIDE_PX))
        image.load()
        shown = _eight_bits(image, container.bits)
        shown.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if container.orientation in _UPRIGHT:
        shown = shown.transpose(_UPRIGHT[container.orientation])
    return np.asarray(_on_white(shown)).copy()


def _eight_bits(image: Image.Image, bits: int) -> Image.Image:
    """The picture in a mode that can be shrunk: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):
        return _from_deep(np.asarray(image), bits)
    if image.mode in ("P", "PA", "LA", "La") or image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _from_deep(samples: np.ndarray, bits: int) -> Image.Image:
    """16-bit samples by the range they really use: scanners store 10, 12 or 14 bits in the low end."""
    brightest = int(samples.max())
    depth = bits if 8 < bits <= 16 else next(depth for depth in _DEPTHS if brightest < 2**depth)
    return Image.fromarray(np.clip(averaged(samples) / 2 ** (depth - 8), 0, 255).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")
