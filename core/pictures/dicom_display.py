"""From stored values to what a radiologist would see: rescaled, windowed, upright in brightness, square pixels.

Source: DICOM PS3.3, C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.6.3.1.2 (photometric interpretation), and PS3.4, N.2.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut

from core.limits import MAX_SIDE_PX
from core.pictures.dicom_layout import PALETTE, Layout, contradicting, text
from core.pictures.shrinking import averaged

# Where no window is given: what lies outside of these shares is noise, collimation or metal.
_DARKEST, _BRIGHTEST = 0.5, 99.5
# Spacings that differ less are rounded ones; ratios beyond are mistakes.
_SQUARE, _MAX_RATIO = 0.01, 5.0
_MAX_LUT = 2**16


def displayed(values: np.ndarray, technical: Dataset, layout: Layout) -> tuple[np.ndarray, str]:
    """uint8 RGB of at most MAX_SIDE_PX on the long side, and the window used, for instance "40 / 400".

    Raises InvalidInputError where the attributes for it contradict each other.
    """
    if layout.photometric == PALETTE:
        values = _coloured(values, technical)
    if values.ndim == 3:
        return np.asarray(_resized(Image.fromarray(values), technical)), ""
    values = _without_padding(values, technical)
    small = np.asarray(_resized(Image.fromarray(averaged(values)), technical))
    shares, window = _windowed(_rescaled(small, technical), technical)
    if layout.photometric == "MONOCHROME1":
        shares = 1 - shares
    grey = np.round(255 * shares).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), window


def numbers(technical: Dataset, keyword: str) -> list[float]:
    """The numbers of an attribute, none where it is missing. Raises InvalidInputError for what are no numbers."""
    value = technical.get(keyword)
    if value is None or value == "":
        return []
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    # An error of `float` would quote what stands there.
    if not all(isinstance(each, (int, float, Decimal)) for each in several):
        raise contradicting(keyword)
    found = [float(each) for each in several]
    if not np.isfinite(found).all() or np.abs(found).max(initial=0) > 1e9:
        raise contradicting(keyword)
    return found


def _coloured(values: np.ndarray, technical: Dataset) -> np.ndarray:
    found = apply_color_lut(values, technical)
    return (found >> 8).astype(np.uint8) if found.dtype.itemsize == 2 else found


def _without_padding(values: np.ndarray, technical: Dataset) -> np.ndarray:
    """Pixels outside of what was scanned become as dark as the darkest inside, so that they don't set the range."""
    padding = numbers(technical, "PixelPaddingValue")
    if len(padding) != 1 or not (outside := values == padding[0]).any() or outside.all():
        return values
    return np.where(outside, values[~outside].min(), values)


def _resized(image: Image.Image, technical: Dataset) -> Image.Image:
    """Square pixels, and at most MAX_SIDE_PX on the long side."""
    tall = _row_to_column_spacing(technical)
    width, height = image.width, image.height * tall
    shrink = min(1.0, MAX_SIDE_PX / max(width, height))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    return image if size == image.size else image.resize(size, Image.Resampling.BILINEAR)


def _row_to_column_spacing(technical: Dataset) -> float:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"):
        spacing = numbers(technical, keyword)
        if not spacing:
            continue
        if (
            len(spacing) != 2
            or min(spacing) <= 0
            or not 1 / _MAX_RATIO < spacing[0] / spacing[1] < _MAX_RATIO
        ):
            raise contradicting(keyword)
        ratio = spacing[0] / spacing[1]
        return ratio if abs(ratio - 1) > _SQUARE else 1.0
    return 1.0


def _rescaled(values: np.ndarray, technical: Dataset) -> np.ndarray:
    """In the units of the device: Hounsfield, optical density ... (C.11.1.1.2)."""
    table = _table(technical, "ModalityLUTSequence")
    if table is not None:
        first, entries, _ = table
        return entries[_indices(values, first, entries)].astype(np.float32)
    slope, intercept = numbers(technical, "RescaleSlope"), numbers(technical, "RescaleIntercept")
    if len(slope) > 1 or len(intercept) > 1 or slope == [0]:
        raise contradicting("RescaleSlope")
    return values * np.float32(slope[0] if slope else 1) + np.float32(intercept[0] if intercept else 0)


def _windowed(values: np.ndarray, technical: Dataset) -> tuple[np.ndarray, str]:
    """0 (black) to 1 (white): by the VOI LUT, else the first window, else the range without its ends."""
    table = _table(technical, "VOILUTSequence")
    if table is not None:
        first, entries, brightest = table
        return entries[_indices(values, first, entries)] / brightest, ""
    centres, widths = numbers(technical, "WindowCenter"), numbers(technical, "WindowWidth")
    if len(centres) != len(widths) or any(width <= 0 for width in widths):
        raise contradicting("WindowWidth")
    if centres:
        shown = _through(values, centres[0], widths[0], text(technical, "VOILUTFunction"))
        return shown, f"{centres[0]:g} / {widths[0]:g}"
    low, high = np.percentile(values, (_DARKEST, _BRIGHTEST))
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1), ""


def _through(values: np.ndarray, centre: float, width: float, function: str) -> np.ndarray:
    """C.11.2.1.2.1 (linear), C.11.2.1.3.1 (sigmoid) and C.11.2.1.3.2 (linear exact)."""
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -80, 80)))
    if function == "LINEAR_EXACT":
        return np.clip((values - centre) / width + 0.5, 0, 1)
    if width <= 1:
        return (values > centre - 0.5).astype(np.float32)
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def _table(technical: Dataset, keyword: str) -> tuple[int, np.ndarray, float] | None:
    """The first value mapped, the entries and their highest possible value, of the first table there (C.11.1.1.1)."""
    sequence = technical.get(keyword)
    if not sequence:
        return None
    descriptor, entries = numbers(sequence[0], "LUTDescriptor"), sequence[0].get("LUTData")
    if isinstance(entries, bytes):
        entries = np.frombuffer(entries, "<u2")
    if len(descriptor) != 3 or entries is None or not 1 <= np.size(entries) <= _MAX_LUT:
        raise contradicting(keyword)
    found = np.asarray(entries, dtype=np.float32).ravel()
    bits = int(descriptor[2])
    if not 1 <= bits <= 16 or found.size < (int(descriptor[0]) or _MAX_LUT) or found.max() >= 2**bits:
        raise contradicting(keyword)
    return int(descriptor[1]), found, float(2**bits - 1)


def _indices(values: np.ndarray, first: int, entries: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values) - first, 0, entries.size - 1).astype(np.int64)
