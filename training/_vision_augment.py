"""Ways to change a batch of pictures at random: floats in 0..1 (n, 3, h, w), each picture in its own way."""

import torch
from torch import Generator, Tensor
from torch.nn import functional


def flipped(pictures: Tensor, generator: Generator) -> Tensor:
    """Half of the pictures mirrored left to right."""
    mirror = torch.rand(len(pictures), generator=generator) < 0.5
    return torch.where(mirror.view(-1, 1, 1, 1), pictures.flip(3), pictures)


def shifted(pictures: Tensor, most_px: int, generator: Generator) -> Tensor:
    """Moved by up to `most_px` either way; what comes in at the border is mirrored."""
    height, width = pictures.shape[2:]
    padded = functional.pad(pictures, (most_px,) * 4, mode="reflect")
    moves = torch.randint(0, 2 * most_px + 1, (2, len(pictures)), generator=generator)
    rows = (moves[0].unsqueeze(1) + torch.arange(height)).view(-1, 1, height, 1)
    columns = (moves[1].unsqueeze(1) + torch.arange(width)).view(-1, 1, 1, width)
    here = torch.arange(len(pictures)).view(-1, 1, 1, 1)
    return padded[here, torch.arange(3).view(1, 3, 1, 1), rows, columns]


def cut_out(pictures: Tensor, side_px: int, generator: Generator) -> Tensor:
    """A square of each picture made grey, anywhere, also partly outside (DeVries & Taylor 2017)."""
    number, _, height, width = pictures.shape
    top = torch.randint(0, height, (number, 1), generator=generator) - side_px // 2
    left = torch.randint(0, width, (number, 1), generator=generator) - side_px // 2
    rows, columns = torch.arange(height), torch.arange(width)
    down = ((rows >= top) & (rows < top + side_px)).view(number, 1, height, 1)
    across = ((columns >= left) & (columns < left + side_px)).view(number, 1, 1, width)
    return torch.where(down & across, torch.tensor(0.47), pictures)


def resized_crops(
    pictures: Tensor,
    generator: Generator,
    *,
    smallest: float = 0.35,
    stretch: float = 1.33,
    turn_degrees: float = 0.0,
) -> Tensor:
    """A part of each picture, at least `smallest` of its area, brought back to the full size; also turned."""
    number = len(pictures)
    area, ratio, turn, right, down = torch.rand(5, number, generator=generator)
    side = (smallest + (1 - smallest) * area).sqrt()
    ratio = torch.exp((2 * ratio - 1) * torch.tensor(stretch).log() / 2)
    wide, high = (side * ratio).clamp(max=1), (side / ratio).clamp(max=1)
    angle = (2 * turn - 1) * torch.deg2rad(torch.tensor(turn_degrees))
    across = torch.stack([wide * angle.cos(), -high * angle.sin(), (2 * right - 1) * (1 - wide)], 1)
    along = torch.stack([wide * angle.sin(), high * angle.cos(), (2 * down - 1) * (1 - high)], 1)
    grid = functional.affine_grid(torch.stack([across, along], 1), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def recoloured(
    pictures: Tensor, generator: Generator, *, light: float = 0.3, contrast: float = 0.3, colour: float = 0.3
) -> Tensor:
    """Lighter or darker, flatter or harder, paler or stronger, each by up to its share."""
    change = 2 * torch.rand(3, len(pictures), 1, 1, 1, generator=generator) - 1
    grey = pictures.mean(1, keepdim=True)
    strong = grey + (pictures - grey) * (1 + colour * change[0])
    middle = grey.mean((2, 3), keepdim=True)
    hard = middle + (strong - middle) * (1 + contrast * change[1])
    return (hard * (1 + light * change[2])).clamp(0, 1)


def tinted(pictures: Tensor, most: float, generator: Generator) -> Tensor:
    """Each colour on its own lighter or darker by up to `most`, as under another lamp."""
    change = 2 * torch.rand(len(pictures), 3, 1, 1, generator=generator) - 1
    return (pictures * (1 + most * change)).clamp(0, 1)


def mixed(
    pictures: Tensor, targets: Tensor, generator: Generator, *, strength: float = 0.2
) -> tuple[Tensor, Tensor]:
    """Each picture blended with another one of the batch, and what is wanted likewise (Zhang et al. 2018)."""
    share = torch.rand(len(pictures), generator=generator).pow(1 / strength) * 0.5
    other = torch.randperm(len(pictures), generator=generator)
    blend = share.view(-1, 1, 1, 1)
    return (
        pictures.lerp(pictures[other], blend),
        targets.lerp(targets[other], share.unsqueeze(1)),
    )


def pasted(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """A box of each picture replaced by another picture's, one box for the batch (CutMix, Yun et al. 2019)."""
    _, _, height, width = pictures.shape
    area, down, right = torch.rand(3, generator=generator).tolist()
    high, wide = int(height * (area * 0.5) ** 0.5), int(width * (area * 0.5) ** 0.5)
    top, left = int(down * (height - high)), int(right * (width - wide))
    other = torch.randperm(len(pictures), generator=generator)
    changed = pictures.clone()
    box = (slice(None), slice(None), slice(top, top + high), slice(left, left + wide))
    changed[box] = pictures[other][box]
    return changed, targets.lerp(targets[other], high * wide / (height * width))
