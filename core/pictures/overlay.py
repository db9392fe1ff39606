"""A saliency map as a heat map over its picture."""

import io

import numpy as np
from PIL import Image

# Colours of equal steps to the eye, dark to bright (after "inferno" of matplotlib, CC0), at equal distances.
COLOURS = np.array(
    [
        (0, 0, 4), (22, 11, 57), (66, 10, 104), (106, 23, 110), (147, 38, 103), (188, 55, 84),
        (221, 81, 58), (243, 120, 25), (252, 165, 10), (246, 215, 70), (252, 255, 164),
    ]
)  # fmt: skip
# The picture stays visible under the hottest place, and nothing covers the coldest.
STRONGEST = 0.65
SMALLEST_PX = 256


def overlay(seen: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    """The picture with its hot places coloured, uint8 RGB; a small picture is enlarged to SMALLEST_PX.

    `seen` is uint8 RGB, `saliency` float in 0..1 of any shape over the same area.
    """
    height, width = seen.shape[:2]
    scale = max(1, -(-SMALLEST_PX // min(height, width)))
    size = (width * scale, height * scale)
    picture = np.asarray(Image.fromarray(seen).resize(size, Image.Resampling.NEAREST), dtype=np.float32)
    heat = _resized(saliency, size)
    opacity = STRONGEST * heat[:, :, None]
    return np.rint((1 - opacity) * picture + opacity * _coloured(heat)).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """The picture as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def _resized(saliency: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    whole = Image.fromarray(np.asarray(saliency, dtype=np.float32))
    return np.clip(np.asarray(whole.resize(size, Image.Resampling.BILINEAR)), 0.0, 1.0)


def _coloured(heat: np.ndarray) -> np.ndarray:
    steps = np.linspace(0, 1, len(COLOURS))
    return np.stack([np.interp(heat, steps, COLOURS[:, channel]) for channel in range(3)], axis=-1)
