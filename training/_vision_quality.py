"""What is fitted to a trained classifier on held-out pictures, and what its card reports."""

import json
from pathlib import Path

import torch
from torch import Tensor
from transformers import ResNetForImageClassification

from training._vision_data import Pictures
from training._vision_score import (
    accuracy,
    auroc,
    calibration_error,
    confusion,
    energy,
    fit_temperature,
    logits_of,
)

SAMPLE = 500  # the first pictures, which the tests score again
KNOWN_KEPT = 0.95  # of the held-out pictures that do show a label, at the threshold of "unknown"


def calibrated(
    model: ResNetForImageClassification, held_out: Pictures, strange: Tensor | None, side_px: int
) -> dict:
    """The temperature, and the energy under which a picture counts as unknown; prints how well that works."""
    logits = logits_of(model, held_out.pictures, side_px)
    temperature = fit_temperature(logits, held_out.labels)
    known = energy(logits)
    below = round(float(torch.from_numpy(known).quantile(1 - KNOWN_KEPT)), 4)
    line = {"held out": accuracy(logits, held_out.labels), "temperature": temperature, "unknown_below": below}
    line["calibration_error"] = calibration_error((logits / temperature).softmax(1), held_out.labels)
    if strange is not None:
        unlike = energy(logits_of(model, strange, side_px))
        line |= {"auroc": auroc(known, unlike), "strangers refused": float((unlike < below).mean())}
    print(json.dumps(line), flush=True)
    return {"temperature": temperature, "unknown_below": below}


def judged(logits: Tensor, labels: Tensor, calibration: dict) -> dict:
    """Accuracy, calibration error after and before scaling, and the confusion matrix."""
    scaled = (logits / calibration["temperature"]).softmax(1)
    return accuracy(logits, labels) | {
        "calibration_error": calibration_error(scaled, labels),
        "calibration_error_unscaled": calibration_error(logits.softmax(1), labels),
        "called_unknown": round(float((energy(logits) < calibration["unknown_below"]).mean()), 4),
        "sample": accuracy(logits[:SAMPLE], labels[:SAMPLE]),
        "confusion": confusion(logits, labels),
    }


def write_quality(folder: Path, part: str, results: dict) -> None:
    """Put one part's figures beside those of the others in quality.json."""
    path = folder / "quality.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(before | {part: results}) + "\n", "utf-8")
