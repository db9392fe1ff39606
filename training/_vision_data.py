"""Reading the picture sets of ../shared/data: JPEG files one after another in an npz, cut square, as uint8 tensors."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


@dataclass(frozen=True)
class Pictures:
    """Pictures (n, 3, side, side) of uint8 with their labels (n,), numbers into `names`."""

    pictures: Tensor
    labels: Tensor
    names: tuple[str, ...]

    def at(self, rows: np.ndarray | Tensor) -> "Pictures":
        rows = torch.as_tensor(rows)
        return Pictures(self.pictures[rows], self.labels[rows], self.names)

    def __len__(self) -> int:
        return len(self.labels)


def read_npz(path: Path, rows: np.ndarray, side_px: int, *, labels: str = "labels") -> Pictures:
    """The pictures in `rows` of an npz of JPEG files; those of another size are shrunk or enlarged."""
    with np.load(path) as file:
        names = file["classes" if labels == "labels" else labels.replace("labels", "classes")]
        content, offsets, numbers = file["data"], file["offsets"], file[labels]
    pictures = [_decode(content[offsets[i] : offsets[i + 1]].tobytes(), side_px) for i in rows]
    return Pictures(
        stacked(pictures), torch.from_numpy(numbers[rows].astype(np.int64)), tuple(map(str, names))
    )


def stacked(pictures: list[np.ndarray]) -> Tensor:
    """Pictures (height, width, 3) as one tensor (n, 3, height, width)."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def squared(picture: Image.Image, side_px: int) -> np.ndarray:
    """The middle of a picture, cut square and brought to `side_px`, antialiased, as the app does it.

    To the bit, but for pictures six times as large or more, of which only the cuts of blood smears are some: the app
    averages those down first, and its values differ from these by 0.2 of 255 in the mean, by 5 at most.
    """
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    middle = picture.convert("RGB").crop((left, top, left + side, top + side))
    if side == side_px:
        return np.asarray(middle)
    return np.asarray(middle.resize((side_px, side_px), Image.Resampling.BILINEAR))


def _decode(content: bytes, side_px: int) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return squared(picture, side_px)


def read_cifar(data: Path, part: str, *, at_most: int | None = None) -> Pictures:
    """CIFAR-10's "train" without, "val" with only, every tenth picture of the train split; or its "test" split."""
    path = data / "cifar10" / "cifar10_jpeg.npz"
    with np.load(path) as file:
        train = np.flatnonzero(file["is_train"])
        test = np.flatnonzero(~file["is_train"].astype(bool))
    held_out = np.arange(len(train)) % 10 == 0
    rows = {"train": train[~held_out], "val": train[held_out], "test": test}[part]
    return read_npz(path, rows[:at_most], 32)
