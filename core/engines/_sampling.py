"""Draw the next token of each row by its own options and its own dice; the rows of a batch share only the sums."""

import random
from collections.abc import Sequence

import torch

from core.types import GenerationOptions

# Nearly always so many of the likeliest tokens make up top_p; to sort a whole vocabulary is slow.
SHORTLIST = 128


class Dice:
    """One row's options and its random numbers: the same seed rolls the same, whatever else is in the batch."""

    def __init__(self, options: GenerationOptions) -> None:
        self.temperature = max(0.0, options.temperature)
        self.top_p = min(1.0, max(0.0, options.top_p))
        self._random = random.Random(options.seed)

    def roll(self) -> float:
        return self._random.random()


def draw(logits: torch.Tensor, dice: Sequence[Dice]) -> list[int | None]:
    """One token per row of `logits` (rows, vocabulary); temperature 0 takes the likeliest.

    Otherwise by nucleus sampling (Holtzman et al. 2020, arXiv:1904.09751): from the fewest likeliest tokens
    that together have probability top_p, in proportion. A row whose logits are not numbers gets None.
    """
    logits = logits.float()
    best, likeliest = logits.max(dim=1)
    tokens: list[int | None] = likeliest.tolist()
    sampled = [row for row, own in enumerate(dice) if own.temperature > 0]
    if sampled:
        chosen = _sample(logits[sampled], [dice[row] for row in sampled])
        for row, token in zip(sampled, chosen, strict=True):
            tokens[row] = token
    for row in best.isnan().nonzero()[:, 0].tolist():
        tokens[row] = None
    return tokens


def _sample(logits: torch.Tensor, dice: list[Dice]) -> list[int]:
    own = logits.new_tensor([[one.temperature, one.top_p, one.roll()] for one in dice])
    probabilities = torch.softmax(logits / own[:, :1], dim=1)
    shares, tokens = probabilities.topk(min(SHORTLIST, logits.shape[1]), dim=1)
    places = _places(shares, top_p=own[:, 1:2], rolls=own[:, 2:3])
    chosen = tokens.gather(1, places)[:, 0].tolist()
    # A row is sorted for its own sake only: equal shares may be ordered otherwise than in the shortlist.
    for row in (shares.sum(dim=1) < own[:, 1]).nonzero()[:, 0].tolist():
        shares_of_all, all_tokens = probabilities[row].sort(descending=True)
        place = _places(shares_of_all[None], top_p=own[row, 1], rolls=own[row, 2])
        chosen[row] = int(all_tokens[place[0, 0]])
    return chosen


def _places(shares: torch.Tensor, *, top_p: torch.Tensor, rolls: torch.Tensor) -> torch.Tensor:
    """Where in its descending `shares` (rows, tokens) each row's roll falls; (rows, 1)."""
    sums = shares.cumsum(dim=1)
    # A token counts while those before it do not reach top_p: the first always does.
    kept = sums - shares < top_p
    kept[:, 0] = True
    totals = (shares * kept).sum(dim=1, keepdim=True)
    places = (sums <= rolls * totals).sum(dim=1, keepdim=True)
    return torch.minimum(places, kept.sum(dim=1, keepdim=True) - 1)
