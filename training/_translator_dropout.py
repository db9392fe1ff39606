"""Dropout whose masks are cut from one pool of random numbers: drawing them anew is a tenth of a step on a CPU."""

import torch
from torch import Tensor, nn
from transformers import BartForConditionalGeneration

POOL = 1 << 23
USES = 1000  # after which the pool is drawn anew
_WHERE = ("out_proj", "fc2", "layernorm_embedding")  # what BartConfig.dropout applies to


class PooledDropout:
    """A forward hook that zeroes a share of a module's output and scales the rest."""

    def __init__(self, share: float) -> None:
        self.share, self.uses, self.pool = share, 0, torch.zeros(0)

    def __call__(self, module: nn.Module, inputs: tuple, output: Tensor) -> Tensor | None:
        if not module.training:
            return None
        if self.uses % USES == 0:
            self.pool = ((torch.rand(POOL) >= self.share) / (1 - self.share)).to(torch.bfloat16)
        self.uses += 1
        start = int(torch.randint(POOL - output.numel(), ()))
        return output * self.pool[start : start + output.numel()].view_as(output)


def drop_out(model: BartForConditionalGeneration, share: float) -> None:
    """Let the model drop a share of what its blocks put out, while it trains."""
    hook = PooledDropout(share)
    for name, module in model.named_modules():
        if name.endswith(_WHERE):
            module.register_forward_hook(hook)
