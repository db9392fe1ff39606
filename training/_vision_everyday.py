"""Everyday things to learn from: CIFAR-10's photographs, and pictures that show none of its ten things."""

from pathlib import Path

import torch
from torch import Tensor

from training._vision_data import Pictures, read_cifar
from training._vision_outliers import blood_cells, outliers
from training._vision_train import OUTLIER, Material

RESOLUTION_PX = 32
OUTLIERS, CELLS = 2600, 400


def everyday(train: Pictures, data: Path) -> Material:
    """The photographs of the train split with what is unlike all of them."""
    strange = torch.cat(strangers(data, "train"))
    labels = torch.cat([train.labels, torch.full((len(strange),), OUTLIER)])
    return Material(torch.cat([train.pictures, strange]), labels)


def strangers(data: Path, part: str) -> list[Tensor]:
    """Pictures without any of the ten things; those of "val" are made from held-out photographs and smears."""
    known, seed = read_cifar(data, part), {"train": 1, "val": 2}[part]
    few = 1 if part == "train" else 2
    return [
        outliers(known.pictures, OUTLIERS // few, seed),
        blood_cells(data, part, CELLS // few, RESOLUTION_PX, seed),
    ]
