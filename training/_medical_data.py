"""Reading the grey pictures of ../shared/data: children's chest X-rays by fold, and the six kinds of Medical MNIST."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

CHEST_LABELS = ("normal", "bacterial", "viral")
CHEST_PX = 128
KIND_LABELS = (
    "abdomen CT",
    "breast MRI",
    "frontal chest X-ray",
    "chest CT",
    "hand X-ray",
    "head CT",
    "everyday picture",
)
CHEST_KIND, EVERYDAY = 2, 6
_SUBTYPES = ("normal", "bacteria", "virus")


@dataclass(frozen=True)
class Greys:
    """Grey pictures (n, side, side) of uint8 with their labels (n,) of int64."""

    pictures: np.ndarray
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def tensor(self) -> Tensor:
        """As the network takes them: (n, 3, side, side), the grey three times."""
        return torch.from_numpy(self.pictures).unsqueeze(1).repeat(1, 3, 1, 1)


def read_chest(data: Path, *, folds: range | None = None, test: bool = False) -> Greys:
    """The X-rays of these folds (by patient) of the official train and val splits; or the official test split.

    Labels are numbers into CHEST_LABELS.
    """
    path = data / "chest-xray-pneumonia" / "chest_xray_128_jpeg.npz"
    with np.load(path) as file:
        content, offsets = file["data"], file["offsets"]
        split, fold, subtype = file["split"], file["fold"], file["subtype"]
    wanted = split == "test" if test else (split != "test") & np.isin(fold, list(folds or range(10)))
    rows = np.flatnonzero(wanted)
    labels = torch.tensor([_SUBTYPES.index(subtype[row]) for row in rows])
    return Greys(_read(content, offsets, rows), labels)


def read_kinds(data: Path, split: str) -> Greys:
    """Medical MNIST's pictures (64 px) of a split; labels are numbers into KIND_LABELS."""
    with np.load(data / "medical-mnist" / "medical_mnist_jpeg.npz") as file:
        content, offsets, labels = file["data"], file["offsets"], file["labels"]
        rows = np.flatnonzero(file["split"] == split)
    return Greys(_read(content, offsets, rows), torch.from_numpy(labels[rows].astype(np.int64)))


def shrunk(pictures: np.ndarray, side_px: int) -> np.ndarray:
    """Square grey pictures brought to another size, antialiased, as the app does it."""
    return np.stack([_resized(Image.fromarray(picture), side_px) for picture in pictures])


def _resized(picture: Image.Image, side_px: int) -> np.ndarray:
    return np.asarray(picture.resize((side_px, side_px), Image.Resampling.BILINEAR))


def _read(content: np.ndarray, offsets: np.ndarray, rows: np.ndarray) -> np.ndarray:
    files = (content[offsets[row] : offsets[row + 1]].tobytes() for row in rows)
    return np.stack([np.asarray(Image.open(io.BytesIO(file)).convert("L")) for file in files])
