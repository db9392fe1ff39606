"""What starter-modality learns from and is measured on: medical kinds, chest X-rays of children, everyday pictures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training._medical_data import CHEST_KIND, EVERYDAY, Greys, read_chest, read_kinds, shrunk
from training._medical_drawn import drawn
from training._vision_data import read_npz
from training._vision_outliers import blood_cells, outliers
from training._vision_train import OUTLIER, Material

SIDE_PX = 64
# Fashion-MNIST: so many pictures of its train split to learn from, the next ones to validate on.
CLOTHES, CLOTHES_HELD_OUT = 4000, 1000
SEED = 20


@dataclass(frozen=True)
class Group:
    """Pictures (n, 3, side, side) of uint8 of one origin, all with one label."""

    pictures: Tensor
    label: int


def learned_from(data: Path) -> Material:
    """The material; chest X-rays that lie on their side or are shown as negatives count as unlike all kinds."""
    kinds, chests = read_kinds(data, "train"), small_chests(data, range(8))
    photographs = groceries(data, "train")
    everyday = torch.cat(
        [
            photographs,
            photographs,
            clothes(data, "x_train", 0, CLOTHES),
            outliers(photographs, 4000, SEED),
            torch.from_numpy(drawn(3000, SIDE_PX, SEED)),
        ]
    )
    adults = Greys(kinds.pictures[kinds.labels == CHEST_KIND], kinds.labels[kinds.labels == CHEST_KIND])
    odd = torch.cat([turned_or_negative(chests, 0.25, SEED), turned_or_negative(adults, 0.5, SEED + 1)])
    pictures = [kinds.tensor(), chests.tensor(), everyday, odd]
    labels = [
        kinds.labels,
        torch.full((len(chests),), CHEST_KIND),
        torch.full((len(everyday),), EVERYDAY),
        torch.full((len(odd),), OUTLIER),
    ]
    return Material(torch.cat(pictures), torch.cat(labels))


def held_out(data: Path, *, test: bool) -> dict[str, Group]:
    """Groups by name, to choose the threshold on (folds 8 and 9, val splits), or, once, to report (test splits)."""
    seed = SEED + (200 if test else 100)
    kinds = read_kinds(data, "test" if test else "val")
    chests = small_chests(data, None if test else range(8, 10), test=test)
    photographs = groceries(data, "test" if test else "val")
    begin = 0 if test else CLOTHES
    groups = {
        name: Group(Greys(kinds.pictures[kinds.labels == k], kinds.labels).tensor(), k)
        for k, name in enumerate(
            ("abdomen CT", "breast MRI", "adult chest X-rays", "chest CT", "hands", "head CT")
        )
    }
    grey = photographs.float().mean(1, keepdim=True).expand(-1, 3, -1, -1)
    return groups | {
        "children's chest X-rays": Group(chests.tensor(), CHEST_KIND),
        "groceries": Group(photographs, EVERYDAY),
        "groceries in grey": Group(grey.to(torch.uint8), EVERYDAY),
        "clothes": Group(
            clothes(data, "x_test" if test else "x_train", begin, begin + CLOTHES_HELD_OUT), EVERYDAY
        ),
        "drawn, noise, broken photographs": Group(outliers(photographs, 500, seed), EVERYDAY),
        "text, screens, charts, empty": Group(torch.from_numpy(drawn(600, SIDE_PX, seed)), EVERYDAY),
        "all black": Group(torch.zeros(1, 3, SIDE_PX, SIDE_PX, dtype=torch.uint8), EVERYDAY),
        "all white": Group(torch.full((1, 3, SIDE_PX, SIDE_PX), 255, dtype=torch.uint8), EVERYDAY),
        "chest X-rays on their side or head down": Group(_turned(chests), OUTLIER),
        "chest X-rays as negatives": Group(255 - chests.tensor(), OUTLIER),
    }


def unseen(data: Path, *, test: bool) -> dict[str, Group]:
    """Groups of origins that nothing was learned from: other photographs (CIFAR-10), blood under a microscope."""
    path = data / "cifar10" / "cifar10_jpeg.npz"
    with np.load(path) as file:
        rows = np.flatnonzero(file["is_train"].astype(bool) != test)[:2000]
    photographs = read_npz(path, rows, SIDE_PX).pictures
    grey = photographs.float().mean(1, keepdim=True).expand(-1, 3, -1, -1).to(torch.uint8)
    cells = blood_cells(data, "test" if test else "val", 300, SIDE_PX, SEED)
    return {
        "CIFAR-10": Group(photographs, EVERYDAY),
        "CIFAR-10 in grey": Group(grey, EVERYDAY),
        "blood cells": Group(cells, EVERYDAY),
    }


def small_chests(data: Path, folds: range | None, *, test: bool = False) -> Greys:
    found = read_chest(data, folds=folds, test=test)
    return Greys(shrunk(found.pictures, SIDE_PX), torch.full((len(found),), CHEST_KIND))


def groceries(data: Path, split: str) -> Tensor:
    path = data / "grocery-store" / "grocery_store_96_jpeg.npz"
    with np.load(path) as file:
        rows = np.flatnonzero(file["split"] == split)
    return read_npz(path, rows, SIDE_PX).pictures


def clothes(data: Path, part: str, begin: int, end: int) -> Tensor:
    with np.load(data / "fashion-mnist" / "fashion_mnist.npz") as file:
        pictures = torch.from_numpy(file[part][begin:end]).unsqueeze(1).float()
    size = (SIDE_PX, SIDE_PX)
    large = functional.interpolate(pictures, size, mode="bilinear", align_corners=False)
    return large.to(torch.uint8).repeat(1, 3, 1, 1)


def turned_or_negative(chests: Greys, share: float, seed: int) -> Tensor:
    """This share of the X-rays, half of them turned by 90, 180 or 270 degrees, half as negatives."""
    rows = np.random.default_rng(seed).permutation(len(chests))[: int(share * len(chests))]
    half = len(rows) // 2
    turned = _turned(Greys(chests.pictures[rows[:half]], chests.labels[:half]))
    return torch.cat([turned, 255 - Greys(chests.pictures[rows[half:]], chests.labels).tensor()])


def _turned(chests: Greys) -> Tensor:
    turns = [np.rot90(picture, 1 + row % 3) for row, picture in enumerate(chests.pictures)]
    return Greys(np.stack(turns), chests.labels).tensor()
