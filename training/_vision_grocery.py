"""The Grocery Store pictures (Klasson et al. 2019), their fine and their coarse labels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training._vision_data import Pictures, read_npz

SIDE_PX = 96


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


def read_shelf(data: Path, part: str, *, at_most: int | None = None) -> Shelf:
    """The set's own "train", "val" or "test" split."""
    path = data / "grocery-store" / "grocery_store_96_jpeg.npz"
    with np.load(path) as file:
        rows = np.flatnonzero(file["split"] == part)[:at_most]
        fine, coarse = file["labels"], file["coarse_labels"]
        names, kinds = file["classes"], file["coarse_classes"]
    coarse_of = [int(coarse[fine == number][0]) for number in range(len(names))]
    pictures = read_npz(path, rows, SIDE_PX)
    return Shelf(
        Pictures(pictures.pictures, pictures.labels, _plain(names)),
        _plain(kinds),
        torch.tensor(coarse_of),
    )


def _plain(names: np.ndarray) -> tuple[str, ...]:
    """The names of classes without the hyphens between their words."""
    return tuple(str(name).replace("-", " ") for name in names)
