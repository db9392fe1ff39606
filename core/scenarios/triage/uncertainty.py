"""How much a score depends on chance: the same picture slightly moved, turned, and with other contrast.

Test-time augmentation as a measure of uncertainty (Wang et al. 2019, "Aleatoric uncertainty estimation with
test-time augmentation"). Never mirrored: the heart would be on the other side.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from PIL import Image

from core.pictures.colour import colourfulness

COPIES = 8
MAX_DEGREES = 5.0
MAX_SHIFT = 0.04
"""Of the shorter side."""
MAX_CONTRAST = 0.15


def copies(pixels: np.ndarray, *, seed: int = 0) -> list[np.ndarray]:
    """COPIES pictures of the same shape, uint8 RGB; the same for the same seed."""
    draw = np.random.default_rng(seed)
    # X-rays are grey, and one channel is turned three times as fast as three.
    is_grey = not colourfulness(pixels).any()
    image = Image.fromarray(pixels[:, :, 0] if is_grey else pixels)
    changes = draw.uniform(-1, 1, (COPIES, 4))
    # Pillow lets others compute while it turns a picture.
    with ThreadPoolExecutor(min(COPIES, os.cpu_count() or 1), "copies") as threads:
        return list(threads.map(partial(_copy, image), changes))


def _copy(image: Image.Image, change: np.ndarray) -> np.ndarray:
    """Each of the four numbers is -1 to 1, of the most that is done."""
    turn, right, down, contrast = change
    reach_px = MAX_SHIFT * min(image.size)
    moved = image.rotate(
        MAX_DEGREES * turn,
        resample=Image.Resampling.BILINEAR,
        translate=(right * reach_px, down * reach_px),
        fillcolor=_border_colour(image),
    )
    mean, factor = np.asarray(moved).mean(), 1 + MAX_CONTRAST * contrast
    tones = np.clip(mean + factor * (np.arange(256) - mean), 0, 255).astype(np.uint8)
    bands = len(image.getbands())
    return np.asarray(moved.point(np.tile(tones, bands).tolist()).convert("RGB"))


def _border_colour(image: Image.Image) -> tuple[int, ...]:
    """What comes in at the corners should be no new edge."""
    values = np.asarray(image)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    return tuple(int(channel) for channel in np.atleast_1d(np.median(border, axis=0)))
