"""How coloured a picture's pixels are."""

import numpy as np

from core.pictures.colour import colourfulness
from core.scenarios.triage.studies import Study, packed


def test_it_is_the_strongest_channel_less_the_weakest():
    pixels = np.random.default_rng(7).integers(0, 256, (19, 23, 3), dtype=np.uint8)

    assert np.array_equal(colourfulness(pixels), np.ptp(pixels, axis=2))
    assert colourfulness(pixels).dtype == np.uint8


def test_pixels_come_back_from_a_study_as_they_were_packed():
    colours = np.random.default_rng(7).integers(0, 256, (19, 23, 3), dtype=np.uint8)
    greys = np.repeat(colours[:, :, :1], 3, axis=2)

    for pixels in (colours, greys):
        assert np.array_equal(Study("one.png", png=packed(pixels)).pixels, pixels)
