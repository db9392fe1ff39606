"""What is measured of the medical starters: thresholds fixed on held-out folds, and what they give elsewhere."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training._vision_score import auroc, calibration_error, wilson

POINTS = ("sensitive", "balanced", "specific")


def finding_score(probabilities: Tensor) -> np.ndarray:
    """The score of the finding: every label but the first, "normal"."""
    return probabilities[:, 1:].double().sum(1).numpy()


def thresholds(
    scores: np.ndarray, positive: np.ndarray, rough: np.ndarray, ill: np.ndarray
) -> dict[str, float]:
    """The points, by the scores of held-out X-rays and those of their changed copies (`rough`, positive where `ill`).

    "sensitive" finds 98 % of the X-rays as they are. On the copies, "balanced" has as much specificity as
    sensitivity, and "specific" a specificity of 98 %: another machine raises the scores, of normal ones too.
    """
    found = (
        np.quantile(scores[positive], 0.02, method="lower"),
        _equal(rough, ill),
        np.quantile(rough[~ill], 0.98, method="higher"),
    )
    return {name: round(float(place), 4) for name, place in zip(POINTS, found, strict=True)}


def _equal(scores: np.ndarray, positive: np.ndarray) -> float:
    """Where the share of ill ones below is the share of the others from there on."""
    ill, well, places = np.sort(scores[positive]), np.sort(scores[~positive]), np.unique(scores)
    misses = np.searchsorted(ill, places) / len(ill)
    alarms = 1 - np.searchsorted(well, places) / len(well)
    return places[np.argmin(np.abs(misses - alarms))]


def at_threshold(scores: np.ndarray, positive: np.ndarray, threshold: float) -> dict:
    """Sensitivity, specificity and accuracy of "score >= threshold", with 95 % intervals."""
    called = scores >= threshold
    hits, right = int((called & positive).sum()), int((~called & ~positive).sum())
    ill, well = int(positive.sum()), int((~positive).sum())
    return {
        "threshold": threshold,
        "sensitivity": round(hits / ill, 4),
        "sensitivity_interval": wilson(hits, ill),
        "specificity": round(right / well, 4),
        "specificity_interval": wilson(right, well),
        "accuracy": round((hits + right) / len(scores), 4),
        "accuracy_interval": wilson(hits + right, len(scores)),
    }


def not_sure_band(scores: np.ndarray, positive: np.ndarray, threshold: float) -> tuple[float, float]:
    """Scores near the threshold, half of the errors in them: outside, half as many are wrong as in all."""
    wrong = (scores >= threshold) != positive
    under, over = scores[wrong & (scores < threshold)], scores[wrong & (scores >= threshold)]
    low = np.median(under) if len(under) else threshold
    high = np.median(over) if len(over) else threshold
    return round(float(low), 4), round(float(high), 4)


def _two(scores: np.ndarray) -> Tensor:
    return torch.from_numpy(np.stack([1 - scores, scores], axis=1))


def fit_scale(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[float, Tensor]:
    """A temperature, and what to add to the logits before it, that make held-out labels likeliest.

    `weights` say how much each picture counts, so that the mix of labels is the wanted one.
    """
    values = torch.zeros(1 + logits.shape[1], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([values], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        scaled = (logits.double() + values[1:]) / values[0].exp()
        each = functional.cross_entropy(scaled, labels, reduction="none")
        total = (each * weights).sum() / weights.sum() + 1e-4 * values[1:].square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    shift = values.detach()[1:]
    return round(float(values.detach()[0].exp()), 4), (shift - shift.mean()).float()


def quality_of(logits: Tensor, labels: Tensor, temperature: float, places: dict[str, float]) -> dict:
    """The figures of one set of X-rays."""
    probabilities = (logits.double() / temperature).softmax(1)
    scores, positive = finding_score(probabilities), (labels > 0).numpy()
    kinds = labels > 0
    viral = (probabilities[kinds, 2] / probabilities[kinds, 1:].sum(1)).numpy()
    is_viral = (labels[kinds] == 2).numpy()
    return {
        "pictures": len(labels),
        "with pneumonia": int(positive.sum()),
        "auc": auroc(scores[positive], scores[~positive]),
        "auc viral against bacterial": auroc(viral[is_viral], viral[~is_viral]),
        "accuracy of three": round(float((logits.argmax(1) == labels).double().mean()), 4),
        "ece of three": calibration_error(probabilities, labels),
        "ece of the finding": calibration_error(_two(scores), torch.from_numpy(positive).long()),
        "points": {name: at_threshold(scores, positive, place) for name, place in places.items()},
    }
