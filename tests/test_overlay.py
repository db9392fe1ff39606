"""The heat map: cold places show the picture as it is, hot ones are coloured and let it through."""

import io

import numpy as np
import pytest
from PIL import Image

from core.pictures.overlay import SMALLEST_PX, overlay, png

GREY = np.full((32, 32, 3), 100, np.uint8)


def half_hot():
    saliency = np.zeros((32, 32), np.float32)
    saliency[:, 16:] = 1.0
    return saliency


def test_cold_places_are_the_picture_and_hot_ones_are_not():
    heated = overlay(GREY, half_hot())

    assert heated.dtype == np.uint8
    assert (heated[:, : SMALLEST_PX // 3] == 100).all()
    assert np.abs(heated[:, -SMALLEST_PX // 3 :].astype(int) - 100).max() > 50


def test_the_picture_shows_through_the_hottest_place():
    dark, bright = (overlay(np.full_like(GREY, value), np.ones((2, 2))) for value in (0, 255))

    assert (bright.astype(int) - dark > 50).all()


@pytest.mark.parametrize(
    ("size", "expected"), [((32, 32), (256, 256)), ((300, 400), (300, 400)), ((1, 1), (256, 256))]
)
def test_small_pictures_are_enlarged_and_others_keep_their_size(size, expected):
    assert overlay(np.zeros((*size, 3), np.uint8), half_hot()).shape == (*expected, 3)


def test_a_png_holds_the_pixels():
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)

    with Image.open(io.BytesIO(png(pixels))) as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(np.asarray(picture), pixels)
