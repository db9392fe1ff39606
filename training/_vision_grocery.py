"""The Grocery Store pictures (Klasson et al. 2019), with the names of their classes in plain words."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training._vision_data import Pictures, read_npz

SIDE_PX = 96
WITH_KIND = {"Apple": "apple", "Pear": "pear"}  # of these the set names only the variety
TWO_WORD_BRAND = "God-Morgon"


@dataclass(frozen=True)
class Shelf:
    """Pictures with fine labels, and the coarse label of each fine one."""

    fine: Pictures
    coarse_names: tuple[str, ...]
    coarse_of: Tensor

    def coarse(self, probabilities: Tensor) -> Tensor:
        """What fine probabilities (n, fine) make of the coarse labels (n, coarse): their sums."""
        empty = torch.zeros(len(probabilities), len(self.coarse_names), dtype=probabilities.dtype)
        return empty.index_add_(1, self.coarse_of, probabilities)


def read_shelf(data: Path, part: str) -> Shelf:
    """The set's own "train", "val" or "test" split."""
    path = data / "grocery-store" / "grocery_store_96_jpeg.npz"
    with np.load(path) as file:
        rows = np.flatnonzero(file["split"] == part)
        fine, coarse = file["labels"], file["coarse_labels"]
        names, kinds = file["classes"], file["coarse_classes"]
    coarse_of = [int(coarse[fine == number][0]) for number in range(len(names))]
    tidy = tuple(plain(str(name), str(kinds[kind])) for name, kind in zip(names, coarse_of, strict=True))
    pictures = read_npz(path, rows, SIDE_PX)
    return Shelf(
        Pictures(pictures.pictures, pictures.labels, tidy),
        tuple(plain(str(kind), "") for kind in kinds),
        torch.tensor(coarse_of),
    )


def plain(name: str, kind: str) -> str:
    """A class's name as people write it: "Granny Smith apple", "God Morgon orange juice", "Red beet"."""
    if kind in WITH_KIND:
        return f"{name.replace('-', ' ')} {WITH_KIND[kind]}"
    if name.startswith(TWO_WORD_BRAND):
        return TWO_WORD_BRAND.replace("-", " ") + name.removeprefix(TWO_WORD_BRAND).replace("-", " ").lower()
    return name.replace("-", " ").capitalize()
