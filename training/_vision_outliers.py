"""Pictures that show none of a classifier's labels: drawn, made of noise, broken photographs, and blood cells.

Each is compressed as the photographs are, so that what sets them apart is not the missing traces of JPEG.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

from training._vision_data import squared, stacked

JPEG_QUALITY = 75
Random = np.random.Generator


def outliers(photographs: Tensor, number: int, seed: int) -> Tensor:
    """`number` pictures of uint8 (number, 3, side, side), every kind as often; broken ones come from `photographs`."""
    random = np.random.default_rng(seed)
    kinds: list[Callable[[Tensor, Random], np.ndarray]] = [
        _shuffled,
        _blend,
        _tiles,
        _magnified,
        _phases,
        _noise,
        _clouds,
        _shapes,
        _silhouette,
        _stripes,
    ]
    return stacked([_compressed(kinds[i % len(kinds)](photographs, random)) for i in range(number)])


def blood_cells(data: Path, part: str, number: int, side_px: int, seed: int) -> Tensor:
    """Square cuts of blood smears under a microscope (BCCD), from its "train", "val" or "test" pictures."""
    random = np.random.default_rng(seed)
    with zipfile.ZipFile(data / "bccd" / "bccd.zip") as archive:
        ids = archive.read(f"ImageSets/Main/{part}.txt").decode().split()
        smears = [Image.open(io.BytesIO(archive.read(f"JPEGImages/{i}.jpg"))).convert("RGB") for i in ids]
    return stacked([_cell_cut(smears[i % len(smears)], side_px, random) for i in range(number)])


def _cell_cut(smear: Image.Image, side_px: int, random: Random) -> np.ndarray:
    side = int(random.integers(90, 480))
    left, top = random.integers(0, smear.width - side), random.integers(0, smear.height - side)
    return _compressed(squared(smear.crop((left, top, left + side, top + side)), side_px))


def _compressed(picture: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(Image.open(file))


def _photograph(photographs: Tensor, random: Random) -> np.ndarray:
    return photographs[int(random.integers(len(photographs)))].permute(1, 2, 0).numpy()


def _shuffled(photographs: Tensor, random: Random) -> np.ndarray:
    """A photograph cut into 16 squares that are put together in another order."""
    picture = _photograph(photographs, random)
    part = picture.shape[0] // 4
    squares = picture.reshape(4, part, 4, part, 3).swapaxes(1, 2).reshape(16, part, part, 3)
    mixed = squares[random.permutation(16)].reshape(4, 4, part, part, 3)
    return mixed.swapaxes(1, 2).reshape(picture.shape)


def _blend(photographs: Tensor, random: Random) -> np.ndarray:
    """Four photographs over each other."""
    rows = random.integers(0, len(photographs), 4)
    mean = photographs[rows].float().mean(0).permute(1, 2, 0).numpy()
    return np.clip((mean - 127) * 1.8 + 127, 0, 255).astype(np.uint8)


def _tiles(photographs: Tensor, random: Random) -> np.ndarray:
    """A small piece of a photograph, repeated, every other one mirrored."""
    picture = _photograph(photographs, random)
    side = picture.shape[0]
    part = side // int(random.choice([2, 4, 4]))
    left, top = random.integers(0, side - part + 1, 2)
    piece = picture[top : top + part, left : left + part]
    row = np.concatenate([piece, piece[:, ::-1]], 1)
    tile = np.concatenate([row, row[::-1]], 0)
    return np.tile(tile, (side // len(tile), side // len(tile), 1))


def _magnified(photographs: Tensor, random: Random) -> np.ndarray:
    """A few pixels of a photograph, enlarged to a texture."""
    picture = _photograph(photographs, random)
    side = picture.shape[0]
    part = int(side * random.uniform(0.15, 0.3))
    left, top = random.integers(0, side - part + 1, 2)
    piece = Image.fromarray(picture[top : top + part, left : left + part])
    return np.asarray(piece.resize((side, side), Image.Resampling.BICUBIC))


def _phases(photographs: Tensor, random: Random) -> np.ndarray:
    """A photograph's colours and frequencies without its forms: the phases are those of noise."""
    picture = _photograph(photographs, random).astype(np.float32)
    waves = np.fft.fft2(picture, axes=(0, 1))
    turn = np.angle(np.fft.fft2(random.normal(size=picture.shape[:2])))[..., None]
    turned = np.fft.ifft2(np.abs(waves) * np.exp(1j * (turn + np.angle(waves))), axes=(0, 1)).real
    turned += picture.mean((0, 1)) - turned.mean((0, 1))
    return np.clip(turned, 0, 255).astype(np.uint8)


def _noise(photographs: Tensor, random: Random) -> np.ndarray:
    side, channels = photographs.shape[-1], int(random.choice([1, 3]))
    noise = random.normal(random.uniform(40, 215, channels), random.uniform(5, 90), (side, side, channels))
    return np.repeat(np.clip(noise, 0, 255).astype(np.uint8), 3 // channels, 2)


def _clouds(photographs: Tensor, random: Random) -> np.ndarray:
    """Noise of few frequencies, grey or coloured: soft blobs."""
    side, channels = photographs.shape[-1], int(random.choice([1, 3]))
    coarse = random.integers(0, 256, (int(random.integers(2, 9)),) * 2 + (3,), dtype=np.uint8)
    coarse = np.repeat(coarse[..., :1], 3, 2) if channels == 1 else coarse
    return np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))


def _shapes(photographs: Tensor, random: Random) -> np.ndarray:
    """Discs, boxes and lines in flat colours, few or many, sharp or soft."""
    side, scale = photographs.shape[-1], 4
    canvas = Image.new("RGB", (side * scale,) * 2, _colour(random))
    pen = ImageDraw.Draw(canvas)
    palette = [_colour(random) for _ in range(int(random.integers(1, 5)))]
    size = random.uniform(0.08, 0.4) * side * scale
    for _ in range(int(random.integers(2, 40))):
        x, y = random.uniform(-0.1, 1.0, 2) * side * scale
        w, h = size * random.uniform(0.6, 1.4, 2)
        draw = (pen.ellipse, pen.rectangle, pen.line)[int(random.choice([0, 0, 1, 2]))]
        draw((x, y, x + w, y + h), fill=palette[int(random.integers(len(palette)))])
    return _shrunk(canvas, side, random)


def _silhouette(photographs: Tensor, random: Random) -> np.ndarray:
    """One grey form, the same left and right, on an even ground."""
    side, scale = photographs.shape[-1], 4
    ground, form = random.choice([0, 0, 255, 128]), random.uniform(0, 255)
    canvas = Image.new("L", (side * scale,) * 2, int(ground))
    heights = np.sort(random.uniform(0.05, 0.95, int(random.integers(3, 9)))) * side * scale
    halves = random.uniform(0.05, 0.45, len(heights)) * side * scale
    middle = side * scale / 2
    right = [(middle + half, height) for half, height in zip(halves, heights, strict=True)]
    left = [(middle - half, height) for half, height in zip(halves, heights, strict=True)][::-1]
    ImageDraw.Draw(canvas).polygon(right + left, fill=int(form))
    return _shrunk(canvas.convert("RGB"), side, random)


def _stripes(photographs: Tensor, random: Random) -> np.ndarray:
    """Waves in one direction between two colours, or a slow change from one to the other."""
    side = photographs.shape[-1]
    down, across = np.mgrid[0:side, 0:side] / side
    angle, often = random.uniform(0, np.pi), random.choice([0.3, 1, 3, 6, 9])
    wave = np.sin(2 * np.pi * often * (down * np.sin(angle) + across * np.cos(angle)) + random.uniform(0, 6))
    share = ((wave + 1) / 2)[..., None]
    return (share * np.array(_colour(random)) + (1 - share) * np.array(_colour(random))).astype(np.uint8)


def _colour(random: Random) -> tuple[int, int, int]:
    red, green, blue = random.integers(0, 256, 3)
    grey = random.random() < 0.3
    return (int(red),) * 3 if grey else (int(red), int(green), int(blue))


def _shrunk(canvas: Image.Image, side_px: int, random: Random) -> np.ndarray:
    soft = canvas.filter(ImageFilter.GaussianBlur(random.uniform(0, 6)))
    small = np.asarray(soft.resize((side_px, side_px), Image.Resampling.BOX)).astype(np.float32)
    grain = random.normal(0, random.uniform(0, 12), small.shape[:2])[..., None]
    return np.clip(small + grain, 0, 255).astype(np.uint8)
