"""How starter-vision tells what it does not know: pictures of other sets, none of which it has learned or tuned on."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training._vision_data import Pictures, read_npz, squared, stacked
from training._vision_score import auroc, energy

AT_MOST = 2500  # of a set


def other_sets(data: Path, side_px: int) -> dict[str, Tensor]:
    """Pictures of the test splits of other sets, brought to the classifier's resolution as the app does it."""
    return {
        "fashion-mnist": _fashion(data, side_px),
        "grocery-store": _test_split(data / "grocery-store" / "grocery_store_96_jpeg.npz", side_px).pictures,
        "chest-xray-pneumonia": _test_split(
            data / "chest-xray-pneumonia" / "chest_xray_128_jpeg.npz", side_px
        ).pictures,
    }


def told_apart(known: Tensor, others: dict[str, Tensor], unknown_below: float) -> dict[str, dict]:
    """Of each set's logits: how well its energies lie under those of `known`, and the share called unknown."""
    sets = others | {"all three": torch.cat(list(others.values()))}
    return {name: _figures(energy(known), energy(logits), unknown_below) for name, logits in sets.items()}


def _figures(known: np.ndarray, other: np.ndarray, below: float) -> dict:
    return {
        "pictures": len(other),
        "auroc": auroc(known, other),
        "called_unknown": round(float((other < below).mean()), 4),
    }


def _fashion(data: Path, side_px: int) -> Tensor:
    with np.load(data / "fashion-mnist" / "fashion_mnist.npz") as file:
        grey = file["x_test"][:AT_MOST]
    return stacked([squared(Image.fromarray(picture), side_px) for picture in grey])


def _test_split(path: Path, side_px: int) -> Pictures:
    with np.load(path) as file:
        rows = np.flatnonzero(file["split"] == "test")[:AT_MOST]
    return read_npz(path, rows, side_px)
