"""How a DICOM picture is stored, checked before any of its pixels is touched.

Source: DICOM PS3.3, C.7.6.3 (image pixel) and C.7.6.6 (multi-frame); PS3.5, 8.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_STUDY_PIXELS

GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOUR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
PALETTE = "PALETTE COLOR"


@dataclass(frozen=True)
class Layout:
    """The image pixel module's values, found to agree with each other."""

    photometric: str
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    is_planar: bool

    @property
    def frame_bytes(self) -> int:
        """Of one picture that is not compressed."""
        return self.rows * self.columns * self.samples * self.bits_allocated // 8


def read_layout(technical: Dataset) -> Layout:
    """Raises InvalidInputError where a value is missing, contradicts another, or asks for what is not done here."""
    if "PixelData" not in technical:
        raise InvalidInputError(N_("The DICOM file holds no picture. Choose one that does."))
    _check_frames(technical)
    photometric = text(technical, "PhotometricInterpretation")
    if not photometric:
        raise missing("PhotometricInterpretation")
    if photometric not in {*GREY, *COLOUR, PALETTE}:
        raise contradicting("PhotometricInterpretation")
    layout = Layout(
        photometric,
        whole(technical, "Rows", 1, 65535),
        whole(technical, "Columns", 1, 65535),
        whole(technical, "SamplesPerPixel", 1, 3, default=3 if photometric in COLOUR else 1),
        whole(technical, "BitsAllocated", 1, 64),
        whole(technical, "BitsStored", 1, 64),
        is_signed=bool(whole(technical, "PixelRepresentation", 0, 1)),
        is_planar=bool(whole(technical, "PlanarConfiguration", 0, 1, default=0)),
    )
    _check_bits(technical, layout)
    _check_size(layout)
    return layout


def whole(technical: Dataset, keyword: str, lowest: int, highest: int, *, default: int | None = None) -> int:
    """A whole number of the file. Raises InvalidInputError where it is missing, several, or out of bounds."""
    value = technical.get(keyword)
    if value is None or value == "":
        if default is None:
            raise missing(keyword)
        return default
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise contradicting(keyword)
    return int(value)


def text(technical: Dataset, keyword: str) -> str:
    """A code string of the file, "" where it has none or several."""
    value = technical.get(keyword)
    return value.strip().upper() if isinstance(value, str) else ""


def _check_frames(technical: Dataset) -> None:
    frames = whole(technical, "NumberOfFrames", 0, 2**31, default=1)
    if frames > 1:
        message = N_("The DICOM file holds {frames} frames; only single pictures are read. Export one frame.")
        raise InvalidInputError(message, frames=frames)


def _check_bits(technical: Dataset, layout: Layout) -> None:
    is_colour = layout.photometric in COLOUR
    if layout.bits_allocated not in ((8,) if is_colour else (8, 16)):
        message = N_(
            "The DICOM picture has {bits} bits a value; grey may have 8 or 16, colour 8. Export it again."
        )
        raise InvalidInputError(message, bits=layout.bits_allocated)
    if layout.bits_stored > layout.bits_allocated:
        raise contradicting("BitsStored")
    highest = layout.bits_stored - 1
    if whole(technical, "HighBit", 0, 63, default=highest) != highest:
        raise contradicting("HighBit")
    if layout.samples != (3 if is_colour else 1):
        raise contradicting("SamplesPerPixel")


def _check_size(layout: Layout) -> None:
    values = layout.rows * layout.columns * layout.samples
    if values > MAX_STUDY_PIXELS:
        raise too_large(values, MAX_STUDY_PIXELS)


def too_large(values: int, limit: int) -> InputTooLargeError:
    message = N_("The picture has {size} megapixels; the limit is {limit}. Make it smaller and upload that.")
    return InputTooLargeError(message, size=-(-values // 10**6), limit=limit // 10**6)


def missing(keyword: str) -> InvalidInputError:
    message = N_(
        "The DICOM file does not say its {attribute}, without which it cannot be read. Export it again."
    )
    return InvalidInputError(message, attribute=keyword)


def contradicting(keyword: str) -> InvalidInputError:
    message = N_("In the DICOM file, {attribute} contradicts the rest or is not read here. Export it again.")
    return InvalidInputError(message, attribute=keyword)


def not_decoded() -> InvalidInputError:
    message = N_(
        "The DICOM picture is compressed in a way that is not read here. "
        "Export it uncompressed, as JPEG baseline or as JPEG 2000."
    )
    return InvalidInputError(message)
