"""Cross-entropy with label smoothing over the whole vocabulary, lean enough for one thread."""

import torch
from torch import Tensor
from torch.nn import functional
from transformers import BartForConditionalGeneration

from training._translator_batches import Batch
from training._translator_tokenizer import PAD, SPECIAL

SMOOTHING = 0.1
SHAPE_STEP = 256  # a matrix product of a new shape costs as much again, to be prepared for
AT_ONCE = 64  # rows whose scores are in float32 at a time, so that they stay in the cache
_PAD = SPECIAL.index(PAD)


class SmoothedLoss(torch.autograd.Function):
    """The summed loss of pieces said, its gradient computed along the way.

    The bfloat16 table of all scores becomes, a few rows at a time, that of their gradients.
    """

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, hidden: Tensor, words: Tensor, wanted: Tensor
    ) -> Tensor:
        """hidden (n, d), words (pieces, d), wanted (n)."""
        count, size = len(hidden), len(words)
        inputs = functional.pad(hidden.bfloat16(), (0, 0, 0, -count % SHAPE_STEP))
        table = words.bfloat16()
        everything = inputs @ table.T
        everything[count:] = 0
        total = torch.zeros(())
        for rows, picked in zip(
            everything[:count].split(AT_ONCE), wanted.unsqueeze(1).split(AT_ONCE), strict=True
        ):
            scores = rows.float()
            low = scores.logsumexp(1, keepdim=True)
            total += ((low - scores.mean(1, keepdim=True)) * SMOOTHING).sum()
            total += ((low - scores.gather(1, picked)) * (1 - SMOOTHING)).sum()
            slope = scores.sub_(low).exp_().sub_(SMOOTHING / size)
            rows.copy_(slope.scatter_add_(1, picked, torch.full_like(low, SMOOTHING - 1)))
        ctx.save_for_backward((everything @ table)[:count], (inputs.T.contiguous() @ everything).T)
        return total

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, up: Tensor) -> tuple[Tensor, Tensor, None]:
        hidden, words = ctx.saved_tensors
        return hidden.float() * up, words.float() * up, None


def loss_of(model: BartForConditionalGeneration, batch: Batch) -> tuple[Tensor, int]:
    """The summed loss of a batch and the number of pieces it says."""
    mask = (batch.source != _PAD).long()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        read = model.model.encoder(input_ids=batch.source, attention_mask=mask).last_hidden_state
        said = model.model.decoder(
            input_ids=batch.seen, encoder_hidden_states=read, encoder_attention_mask=mask, use_cache=False
        ).last_hidden_state
    spoken = batch.wanted != _PAD
    wanted = batch.wanted[spoken]
    return SmoothedLoss.apply(said[spoken], model.model.shared.weight, wanted), len(wanted)
