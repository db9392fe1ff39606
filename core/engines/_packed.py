"""Convolutions whose weights lie ready in the order that the processor's kernels want."""

import torch
from torch import Tensor, nn
from torch.nn import functional

# In float32 the arithmetic takes so much longer that little is won, and sums may come out in another order.
_DTYPE = torch.bfloat16


class PackedConvolution(nn.Conv2d):
    """A convolution on a CPU, followed by a ReLU if need be; the same values as without packing, to the bit.

    torch otherwise brings the weights into another order at every call, which takes longer than one small picture.
    """

    def __init__(self, plain: nn.Conv2d, *, has_relu: bool) -> None:
        sizes = plain.in_channels, plain.out_channels, plain.kernel_size, plain.stride, plain.padding
        has_bias = plain.bias is not None
        super().__init__(*sizes, plain.dilation, plain.groups, bias=has_bias, device="meta")
        self.weight, self.bias = plain.weight, plain.bias
        self._activation = "relu" if has_relu else "none"
        self._packed: Tensor | None = None

    def forward(self, inputs: Tensor) -> Tensor:
        # The kernel has no gradients, which saliency wants.
        if inputs.dtype != _DTYPE or torch.is_grad_enabled():
            outputs = super().forward(inputs)
            return functional.relu(outputs) if self._activation == "relu" else outputs
        geometry = self.padding, self.stride, self.dilation, self.groups
        kernels = torch.ops.mkldnn
        if self._packed is None:
            self._packed = kernels._reorder_convolution_weight(self.weight, *geometry, list(inputs.shape))
        return kernels._convolution_pointwise(
            inputs, self._packed, self.bias, *geometry, self._activation, [], ""
        )


def pack(model: nn.Module) -> None:
    """Replace the convolutions in the model, and with them the ReLU of a layer that has both; for CPUs only.

    To be called when the batch normalisations are fused and before the model is tried out.
    """
    if not torch.backends.mkldnn.is_available():
        return
    for layer in list(model.modules()):
        for name, part in list(layer.named_children()):
            if _is_plain(part):
                has_relu = name == "convolution" and _ends_in_relu(layer)
                setattr(layer, name, PackedConvolution(part, has_relu=has_relu))
                if has_relu:
                    layer.activation = nn.Identity()


def _is_plain(part: nn.Module) -> bool:
    return type(part) is nn.Conv2d and part.padding_mode == "zeros" and not isinstance(part.padding, str)


def _ends_in_relu(layer: nn.Module) -> bool:
    """Whether nothing lies between the layer's convolution and its ReLU."""
    parts = dict(layer.named_children())
    between = [part for name, part in parts.items() if name not in ("convolution", "activation")]
    return isinstance(parts.get("activation"), nn.ReLU) and all(
        isinstance(part, nn.Identity) for part in between
    )
