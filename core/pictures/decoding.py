"""From the bytes of one picture file to pixels, within bounds of memory and time; nothing is written to disk."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_PICTURE_BYTES, MAX_SIDE_PX
from core.pictures.bounds import picture_too_large
from core.pictures.containers.container import Container, Damaged
from core.pictures.formats import read_container
from core.pictures.names import clean_name

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
_BAND_ROWS = 64


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded upload: `pixels` is uint8 RGB (height, width, 3), upright, at most MAX_SIDE_PX on the long side.

    They are not to be written to.
    """

    name: str
    pixels: np.ndarray
    width_px: int
    """As uploaded, upright."""
    height_px: int
    note: str = ""
    """A sentence to translate and show beside the picture: something of the file was left out."""


def decode_picture(content: bytes, name: str, *, needed_px: int = MAX_SIDE_PX) -> Picture:
    """The picture in a JPEG, PNG, WebP, GIF or BMP file; transparent places are white, of an animation the first frame.

    Who needs no more than `needed_px` on the shorter side gets a JPEG with little more: that takes half the time.
    Embedded colour profiles are ignored: the models learned from pictures whose profiles were ignored too.
    Raises InvalidInputError, whatever the bytes are.
    """
    _check_bytes(content)
    try:
        container = read_container(content)
        _check_pixels(container)
        pixels = _pixels(container, needed_px)
    except _BROKEN as error:
        message = N_(
            "The picture is damaged or cut off. Open it, save it again as PNG or JPEG and upload that."
        )
        raise InvalidInputError(message) from error
    note = N_("Only the first frame of the animation is looked at.") if container.is_animated else ""
    width, height = container.width_px, container.height_px
    if container.orientation > 4:
        width, height = height, width
    return Picture(clean_name(name), pixels, width, height, note)


def _check_bytes(content: bytes) -> None:
    if not content:
        raise InvalidInputError(N_("The file is empty. Choose a picture."))
    if len(content) > MAX_PICTURE_BYTES:
        raise picture_too_large(len(content), MAX_PICTURE_BYTES)


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


def _pixels(container: Container, needed_px: int) -> np.ndarray:
    with container.opened() as image:
        # Lets the JPEG decoder leave out detail that would be shrunk away.
        image.draft(None, (needed_px, needed_px))
        image.load()
        small = _reduced(image, container.bits)
    small.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.BICUBIC)
    if container.orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[container.orientation])
    return np.asarray(small)


def _reduced(image: Image.Image, bits: int) -> Image.Image:
    """RGB, shrunk by a whole number to no less than needed; band by band, as each step would copy a large picture."""
    step = max(image.size) // MAX_SIDE_PX
    depth = _depth(image, bits)
    if step < 2:
        return _plain(image, depth)
    small = Image.new("RGB", (-(-image.width // step), -(-image.height // step)))
    for top in range(0, image.height, _BAND_ROWS * step):
        band = image.crop((0, top, image.width, min(image.height, top + _BAND_ROWS * step)))
        small.paste(_plain(band, depth).reduce(step), (0, top // step))
    return small


def _depth(image: Image.Image, bits: int) -> int:
    """The bits that samples really use: scanners store 10, 12 or 14 of them in the low end of 16."""
    if not image.mode.startswith("I"):
        return 8
    _, brightest = image.getextrema()
    return bits if 8 < bits <= 16 else next(depth for depth in _DEPTHS if brightest < 2**depth)


def _plain(image: Image.Image, depth: int) -> Image.Image:
    """RGB of 8 bits, on white where it is transparent."""
    if depth > 8 or image.mode.startswith("I"):
        samples = np.minimum(np.asarray(image) >> (depth - 8), 255)
        return Image.fromarray(samples.astype(np.uint8)).convert("RGB")
    if image.mode not in ("RGBA", "LA", "PA") and not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    see_through = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), see_through).convert("RGB")
