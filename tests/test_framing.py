"""What a network reads of a picture: the numbers of the model's own processor, however they were come by."""

import numpy as np
import pytest
import torch
from transformers import ViTImageProcessorPil

from core.engines._framing import Framing

NEAREST, BILINEAR = 0, 2


def processor(resample, side_px=48):
    size, mean = {"height": side_px, "width": side_px}, [0.4, 0.5, 0.6]
    return ViTImageProcessorPil(size=size, resample=resample, image_mean=mean, image_std=[0.2, 0.25, 0.3])


def pictures(*sides):
    rng = np.random.default_rng(4)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sides]


@pytest.mark.parametrize("resample", [NEAREST, BILINEAR])
@pytest.mark.parametrize("resolution_px", [None, 12, 16, 20, 48, 96])
def test_inputs_are_those_of_the_processor(resample, resolution_px):
    framing = Framing(processor(resample), resolution_px)

    seen = framing.seen(pictures((16, 16), (48, 48), (300, 40), (7, 9)))
    inputs = framing.inputs(seen, torch.float32, "cpu")

    expected = processor(resample)(seen, input_data_format="channels_last", return_tensors="np")
    np.testing.assert_allclose(inputs.numpy(), expected["pixel_values"], atol=1e-5)
    assert inputs.is_contiguous(memory_format=torch.channels_last)


def test_inputs_have_the_number_format_of_the_network():
    framing = Framing(processor(NEAREST), 16)

    exact, rounded = (
        framing.inputs(framing.seen(pictures((30, 20))), dtype, "cpu")
        for dtype in (torch.float32, torch.bfloat16)
    )

    assert torch.equal(exact.bfloat16(), rounded)
