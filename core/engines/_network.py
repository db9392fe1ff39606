"""An image classifier in two parts: the trunk, in a fast number format, and its last linear layer, in float32."""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from core.device import Device
from core.engines._saliency import TRACES, saliency
from core.engines._scores import likeliest, log_odds

# How a batch is cut for the trial: kernels differ between one picture, a few, and many.
TRIAL = (1, 3, 8)


class Network:
    """Pictures (n, 3, height, width) -> logits and features. Raises ValueError when it ends in no linear layer."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._head = _take_head(model).float()
        _fuse(model)
        self._trunk = model.to(memory_format=torch.channels_last)

    @property
    def dtype(self) -> torch.dtype:
        return self._trunk.dtype

    @torch.inference_mode()
    def answer(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, labels) and features (n, dim), float32."""
        features = self._trunk(inputs).logits.float()
        return self._head(features), features

    def explain(
        self, inputs: Tensor, targets: list[int | None], size: tuple[int, int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, features, and the saliency (n, *size) of each picture's target, or of its likeliest label."""
        output = self._trunk(inputs.requires_grad_(), **TRACES)
        features = output.logits.float()
        logits = self._head(features)
        chosen = likeliest(logits, targets)

        def look(pictures: Tensor) -> tuple[ModelOutput, Tensor]:
            there = self._trunk(pictures, output_hidden_states=True)
            return there, log_odds(self._head(there.logits.float()), chosen)

        maps = saliency(look, inputs, size, output=output, score=log_odds(logits, chosen))
        return logits.detach(), features.detach(), maps

    def settle(self, device: Device, size: tuple[int, int]) -> "Network":
        """Go over to the device's number format where it is safe.

        bfloat16 on a CPU is three times faster with convolutions, but with some layers and some CPUs a picture's
        scores then change with the batch that it happens to be in: whether they do is tried out.
        """
        wanted = getattr(torch, device.dtype)
        self._trunk.to(wanted)
        if device.name == "cpu" and wanted != torch.float32 and not self._is_steady(size):
            self._trunk.float()
        return self

    def _is_steady(self, size: tuple[int, int]) -> bool:
        noise = torch.randn(max(TRIAL), 3, *size, generator=torch.Generator().manual_seed(7))
        inputs = noise.to(self.dtype, memory_format=torch.channels_last)
        together = self.answer(inputs)[1]
        return all(torch.equal(self.answer(inputs[:n])[1], together[:n]) for n in TRIAL)


def _fuse(model: nn.Module) -> None:
    """Let convolutions do the work of the batch normalisations behind them: a quarter less time."""
    for layer in model.modules():
        parts = dict(layer.named_children())
        convolution, norm = parts.get("convolution"), parts.get("normalization")
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            layer.convolution = fuse_conv_bn_eval(convolution, norm)
            layer.normalization = nn.Identity()


def _take_head(model: PreTrainedModel) -> nn.Linear:
    """The last linear layer, whose place in the model is then empty: its logits become the features."""
    linear = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    name, head = linear[-1] if linear else ("", None)
    if head is None or head.out_features != model.config.num_labels:
        raise ValueError("it does not end in a linear layer with an output per label")
    model.set_submodule(name, nn.Identity())
    return head
