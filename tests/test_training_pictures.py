"""What training reads and counts is what the app sees and says."""

import math

import numpy as np
import pytest
from PIL import Image

from core.engines._framing import _square
from training._vision_data import squared
from training._vision_score import wilson


def noise(width_px, height_px):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


# Of CIFAR-10, Fashion-MNIST, the shelves and the X-rays, and pictures that are not square.
@pytest.mark.parametrize(
    ("size", "side_px"),
    [((32, 32), 32), ((28, 28), 32), ((96, 96), 32), ((128, 128), 64), ((120, 90), 32), ((70, 64), 64)],
)
def test_training_sees_a_picture_to_the_bit_as_the_app_does(size, side_px):
    pixels = noise(*size)

    assert np.array_equal(squared(Image.fromarray(pixels), side_px), _square(pixels, side_px))


def test_of_large_pictures_training_sees_nearly_the_same():
    pixels = noise(400, 400)

    seen = np.abs(squared(Image.fromarray(pixels), 32).astype(int) - _square(pixels, 32))
    assert seen.max() <= 5


@pytest.mark.parametrize("trials", [1, 3, 10, 624, 10_000])
def test_the_interval_of_a_share_stays_a_share(trials):
    low, high = wilson(0, trials)[0], wilson(trials, trials)[1]

    assert (low, high) == (0.0, 1.0)
    assert math.copysign(1.0, low) == 1.0
