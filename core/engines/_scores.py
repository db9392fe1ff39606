"""From logits to what a classifier says of a picture: calibrated probabilities and an energy, checked to be numbers."""

import numpy as np
import torch
from torch import Tensor

from core.errors import N_, InferenceError


def calibrated(logits: Tensor, temperature: float, *, title: str) -> tuple[np.ndarray, list[float]]:
    """The scores (n, labels), float32, and the energies of n pictures.

    Raises InferenceError where a logit is not a number; `title` is the model's.
    """
    logits = logits.double()
    if not torch.isfinite(logits).all():
        message = N_("{model} gave scores that are not numbers. Choose another model, or report this.")
        raise InferenceError(message, model=title)
    scores = torch.softmax(logits / temperature, dim=1).float()
    return scores.cpu().numpy(), torch.logsumexp(logits, dim=1).tolist()


def likeliest(logits: Tensor, targets: list[int | None]) -> list[int]:
    """The targets, and each row's likeliest label in the place of None."""
    best = logits.argmax(dim=1).tolist()
    return [first if target is None else target for first, target in zip(best, targets, strict=True)]


def log_odds(logits: Tensor, targets: list[int]) -> Tensor:
    """How much likelier each row's target is than the rest (n,).

    What a map explains: its gradient is that of the log-probability, but does not vanish where the model is sure.
    """
    places = torch.tensor(targets, device=logits.device)[:, None]
    wanted = logits.gather(1, places)[:, 0]
    if logits.shape[1] == 1:
        return wanted
    return wanted - torch.logsumexp(logits.scatter(1, places, float("-inf")), dim=1)
