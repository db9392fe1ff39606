"""Ways to change grey medical pictures at random, so that exposure, framing and sharpness tell a model nothing.

All take and give floats in 0..1 (n, 1, h, w); each picture changes in its own way.
"""

import math

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps
from torch import Generator, Tensor
from torch.nn import functional

LOCAL_PX = 12


def views(pictures: np.ndarray) -> Tensor:
    """Each grey picture (n, h, w) three times, (n, 3, h, w): as it is, equalised, and locally equalised."""
    made = [np.stack([picture, _equalised(picture), _locally(picture)]) for picture in pictures]
    return torch.from_numpy(np.stack(made))


def blended(pictures: Tensor, generator: Generator, *, plain: float = 0.5) -> Tensor:
    """A random blend of the three views (n, 3, h, w); the first one alone for the share `plain`."""
    weights = -torch.rand(len(pictures), 3, generator=generator).clamp(min=1e-6).log()
    weights /= weights.sum(1, keepdim=True)
    alone = torch.rand(len(pictures), 1, generator=generator) < plain
    weights = torch.where(alone, torch.tensor([1.0, 0.0, 0.0]), weights)
    return torch.einsum("nchw,nc->nhw", pictures, weights).unsqueeze(1)


def warped(
    pictures: Tensor, generator: Generator, *, turn: float = 12, zoom: float = 0.15, shift: float = 0.08
) -> Tensor:
    """Turned by up to `turn` degrees, stretched either way by up to `zoom`, moved by up to `shift`, half mirrored."""
    number = len(pictures)
    change = 2 * torch.rand(6, number, generator=generator) - 1
    angle = change[0] * math.radians(turn)
    wide, high = 1 + zoom * change[1], 1 + zoom * change[2]
    mirror = torch.where(change[5] < 0, -1.0, 1.0)
    across = torch.stack([mirror * wide * angle.cos(), -wide * angle.sin(), 2 * shift * change[3]], 1)
    along = torch.stack([mirror * high * angle.sin(), high * angle.cos(), 2 * shift * change[4]], 1)
    grid = functional.affine_grid(torch.stack([across, along], 1), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def exposed(pictures: Tensor, generator: Generator, *, strength: float = 1.0) -> Tensor:
    """Lighter or darker, flatter or harder, and with another gamma (0.6 to 1.65 at strength 1)."""
    change = strength * (2 * torch.rand(3, len(pictures), 1, 1, 1, generator=generator) - 1)
    bent = pictures.clamp(1e-4, 1) ** (0.5 * change[0]).exp()
    middle = bent.mean((2, 3), keepdim=True)
    return (middle + (bent - middle) * (1 + 0.35 * change[1]) + 0.15 * change[2]).clamp(0, 1)


def roughened(pictures: Tensor, generator: Generator, *, most: float = 0.04) -> Tensor:
    """A third of the pictures blurred or sharpened, all with some noise."""
    soft = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = 1.6 * torch.rand(len(pictures), 1, 1, 1, generator=generator) - 0.6
    touched = torch.rand(len(pictures), 1, 1, 1, generator=generator) < 0.5
    changed = torch.where(touched, pictures.lerp(soft, share), pictures)
    level = most * torch.rand(len(pictures), 1, 1, 1, generator=generator) ** 2
    return (changed + level * torch.randn(pictures.shape, generator=generator)).clamp(0, 1)


def erased(pictures: Tensor, generator: Generator, *, share: float = 0.5, most: float = 0.35) -> Tensor:
    """A box of a `share` of the pictures, up to `most` of each side, replaced by one grey."""
    number, _, height, width = pictures.shape
    here = torch.rand(number, 1, generator=generator) < share
    size = most * torch.rand(2, number, 1, generator=generator)
    place = torch.rand(2, number, 1, generator=generator) * (1 - size)
    rows, columns = torch.arange(height) / height, torch.arange(width) / width
    down = here & (rows >= place[0]) & (rows < place[0] + size[0])
    across = (columns >= place[1]) & (columns < place[1] + size[1])
    grey = torch.rand(number, 1, 1, 1, generator=generator)
    return torch.where(down.view(number, 1, height, 1) & across.view(number, 1, 1, width), grey, pictures)


def _equalised(picture: np.ndarray) -> np.ndarray:
    return np.asarray(ImageOps.equalize(Image.fromarray(picture)))


def _locally(picture: np.ndarray) -> np.ndarray:
    """Every place against its surroundings: their mean becomes a middle grey, their contrast the same everywhere."""
    values = picture.astype(np.float32)
    centred = values - _smooth(values)
    spread = np.sqrt(_smooth(centred**2 / 64) * 64) + 8
    return np.clip(128 + 52 * centred / spread, 0, 255).astype(np.uint8)


def _smooth(values: np.ndarray) -> np.ndarray:
    blurred = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(LOCAL_PX)
    )
    return np.asarray(blurred).astype(np.float32)
