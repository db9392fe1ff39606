"""Convolutions with weights in the kernels' order: the same values, and gradients for whoever wants them."""

import pytest
import torch
from torch import nn

from core.engines._packed import PackedConvolution, pack

SIZES = [(3, 8, 7, 2, 1), (16, 16, 3, 1, 1), (16, 16, 3, 1, 16), (8, 24, 1, 2, 1)]


class Layer(nn.Module):
    """A convolution as in the networks of transformers."""

    def __init__(self, convolution, activation, normalization):
        super().__init__()
        self.convolution, self.normalization, self.activation = convolution, normalization, activation

    def forward(self, inputs):
        return self.activation(self.normalization(self.convolution(inputs)))


def layer(size=SIZES[1], *, activation, normalization=None):
    torch.manual_seed(3)
    before, after, side, stride, groups = size
    convolution = nn.Conv2d(before, after, side, stride, side // 2, groups=groups)
    made = Layer(convolution, activation, normalization or nn.Identity()).eval().requires_grad_(False)
    return made.to(torch.bfloat16, memory_format=torch.channels_last)


def pictures(size=SIZES[1], count=3):
    noise = torch.randn(count, size[0], 24, 24, generator=torch.Generator().manual_seed(5))
    return noise.to(torch.bfloat16, memory_format=torch.channels_last)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("activation", [nn.ReLU(), nn.GELU(), nn.Identity()])
def test_packed_weights_give_the_same_values(size, activation):
    plain, packed = (layer(size, activation=activation) for _ in range(2))
    pack(packed)

    with torch.inference_mode():
        for count in (1, 3, 1):
            inputs = pictures(size, count)
            torch.testing.assert_close(packed(inputs), plain(inputs), rtol=1e-2, atol=1e-2)
    assert isinstance(packed.convolution, PackedConvolution)


def test_gradients_go_through_packed_layers():
    plain, packed = (layer(activation=nn.ReLU()) for _ in range(2))
    pack(packed)
    with torch.inference_mode():
        packed(pictures())

    gradients = []
    for each in (plain, packed):
        inputs = pictures().requires_grad_()
        each(inputs).float().sum().backward()
        gradients.append(inputs.grad)

    assert torch.equal(*gradients)


def test_a_packed_layer_may_go_back_to_float32():
    plain, packed = (layer(activation=nn.ReLU()) for _ in range(2))
    pack(packed)
    with torch.inference_mode():
        packed(pictures())
        plain.float(), packed.float()

        assert torch.equal(packed(pictures().float()), plain(pictures().float()))


def test_a_relu_behind_something_else_stays_there():
    packed = layer(activation=nn.ReLU(), normalization=nn.BatchNorm2d(16))
    pack(packed)

    with torch.inference_mode():
        assert packed(pictures()).min() >= 0
        assert packed.convolution(pictures()).min() < 0
    assert isinstance(packed.activation, nn.ReLU)
