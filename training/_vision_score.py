"""What is measured of a classifier: accuracy, calibration, and how well it tells what it does not know."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import ResNetForImageClassification

from training._vision_model import inputs_of

BINS = 15


def logits_of(
    model: ResNetForImageClassification, pictures: Tensor, side_px: int, *, batch: int = 128
) -> Tensor:
    """The logits (n, labels) of pictures (n, 3, h, w) of uint8, computed in float32."""
    model.eval()
    with torch.inference_mode():
        parts = [model(inputs_of(part, side_px)).logits for part in pictures.split(batch)]
    return torch.cat(parts).clone()


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    share, scale = successes / trials, 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    # Rounding errors reach a little over the ends, and would be written as -0.0.
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def accuracy(logits: Tensor, labels: Tensor) -> dict:
    """The share of pictures whose likeliest label is right, with its interval."""
    right = int((logits.argmax(1) == labels).sum())
    return {
        "pictures": len(labels),
        "accuracy": round(right / len(labels), 4),
        "interval": wilson(right, len(labels)),
    }


def calibration_error(probabilities: Tensor, labels: Tensor) -> float:
    """The expected calibration error over 15 equally wide bins of confidence (Guo et al. 2017)."""
    confidence, guess = probabilities.max(1)
    right = (guess == labels).double()
    where = torch.clamp((confidence * BINS).ceil().long() - 1, 0, BINS - 1)
    gap = torch.zeros(BINS, dtype=torch.double).index_add_(0, where, right - confidence.double())
    return round(float(gap.abs().sum() / len(labels)), 4)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """What to divide the logits by, so that held-out labels are likeliest (Guo et al. 2017)."""
    log_temperature = torch.zeros(1, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(logits.double() / log_temperature.exp(), labels)
        value.backward()
        return value

    optimizer.step(loss)
    return round(float(log_temperature.detach().exp()), 4)


def energy(logits: Tensor) -> np.ndarray:
    """log sum exp of the logits: low for what is unlike the training pictures (Liu et al. 2020)."""
    return torch.logsumexp(logits.double(), 1).numpy()


def auroc(higher: np.ndarray, lower: np.ndarray) -> float:
    """How often one of `higher` lies above one of `lower`; ties count half (Mann & Whitney 1947)."""
    both = np.concatenate([higher, lower])
    values, places, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    over = ranks[: len(higher)].sum() - len(higher) * (len(higher) + 1) / 2
    return round(float(over / (len(higher) * len(lower))), 4)


def confusion(logits: Tensor, labels: Tensor) -> list[list[int]]:
    """How often each true label (rows) was called what (columns)."""
    number = logits.shape[1]
    counts = torch.bincount(labels * number + logits.argmax(1), minlength=number * number)
    return counts.view(number, number).tolist()
