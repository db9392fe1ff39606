"""Drawn pictures that are no X-ray: pages of text, screens, charts, and empty ones; grey or coloured."""

import io

import numpy as np
from PIL import Image, ImageDraw

Random = np.random.Generator
SCALE = 4  # drawn this much larger, then shrunk as an upload would be


def drawn(number: int, side_px: int, seed: int) -> np.ndarray:
    """`number` pictures (number, 3, side, side) of uint8, every kind as often, compressed as JPEG."""
    random = np.random.default_rng(seed)
    kinds = (_page, _screen, _chart, _empty, _ramp, _speckled)
    pictures = [_compressed(kinds[i % len(kinds)](side_px * SCALE, random), side_px) for i in range(number)]
    return np.stack(pictures).transpose(0, 3, 1, 2)


def _compressed(picture: Image.Image, side_px: int) -> np.ndarray:
    file = io.BytesIO()
    picture.resize((side_px, side_px), Image.Resampling.BILINEAR).save(file, "JPEG", quality=85)
    return np.asarray(Image.open(file))


def _page(side: int, random: Random) -> Image.Image:
    """Lines of words, dark on light or the other way round."""
    paper, ink = _two_tones(random)
    canvas = Image.new("RGB", (side, side), paper)
    _lines(ImageDraw.Draw(canvas), (0.05 * side, 0.05 * side, 0.95 * side, 0.95 * side), ink, random)
    return canvas


def _screen(side: int, random: Random) -> Image.Image:
    """A bar above, a list at the left, and boxes with text or pictures."""
    paper, ink = _two_tones(random)
    canvas = Image.new("RGB", (side, side), paper)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((0, 0, side, side * random.uniform(0.05, 0.15)), fill=_tone(random))
    pen.rectangle((0, side * 0.1, side * random.uniform(0.1, 0.3), side), fill=_tone(random))
    for _ in range(int(random.integers(2, 7))):
        left, top = random.uniform(0.2, 0.8, 2) * side
        box = (left, top, left + random.uniform(0.1, 0.5) * side, top + random.uniform(0.1, 0.4) * side)
        if random.random() < 0.5:
            _lines(pen, box, ink, random)
        else:
            pen.rectangle(box, fill=_tone(random), outline=ink)
    return canvas


def _chart(side: int, random: Random) -> Image.Image:
    """Bars, or a curve, over two axes."""
    paper, ink = _two_tones(random)
    canvas = Image.new("RGB", (side, side), paper)
    pen = ImageDraw.Draw(canvas)
    pen.line([(0.1 * side, 0.05 * side), (0.1 * side, 0.9 * side), (0.95 * side, 0.9 * side)], ink, 3)
    number = int(random.integers(3, 14))
    places = np.linspace(0.15, 0.9, number) * side
    heights = random.uniform(0.1, 0.85, number) * side
    if random.random() < 0.5:
        pen.line(list(zip(places, heights, strict=True)), _tone(random), int(random.integers(2, 8)))
    else:
        for place, height in zip(places, heights, strict=True):
            pen.rectangle((place, height, place + 0.5 * side / number, 0.9 * side), fill=_tone(random))
    return canvas


def _empty(side: int, random: Random) -> Image.Image:
    """One tone: black, white or any."""
    tone = [(0, 0, 0), (255, 255, 255), _tone(random)][int(random.integers(3))]
    return Image.new("RGB", (side, side), tone)


def _ramp(side: int, random: Random) -> Image.Image:
    """A slow change from one tone to another: along a line, or from the middle outwards."""
    down, across = np.mgrid[0:side, 0:side] / side
    angle = random.uniform(0, 2 * np.pi)
    straight = down * np.sin(angle) + across * np.cos(angle)
    away = np.hypot(down - random.uniform(0.2, 0.8), across - random.uniform(0.2, 0.8))
    share = straight if random.random() < 0.5 else away
    share = ((share - share.min()) / np.ptp(share))[..., None]
    mixture = share * np.array(_tone(random)) + (1 - share) * np.array(_tone(random))
    return Image.fromarray(mixture.astype(np.uint8))


def _speckled(side: int, random: Random) -> Image.Image:
    """Grey noise whose grain is anything from a pixel to an eighth of the picture."""
    cells = int(random.choice([8, 16, 32, 64, side]))
    noise = random.normal(random.uniform(60, 190), random.uniform(10, 90), (cells, cells))
    grey = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    return grey.resize((side, side), Image.Resampling.NEAREST).convert("RGB")


def _lines(
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    ink: tuple[int, int, int],
    random: Random,
) -> None:
    left, top, right, bottom = box
    height = random.uniform(4, 18)
    while top + height < bottom:
        place = left
        while place < right - 4:
            word = min(random.uniform(1, 6) * height, right - place)
            if random.random() < 0.92:
                pen.rectangle((place, top, place + word, top + 0.6 * height), fill=ink)
            place += word + 0.6 * height
        top += 1.5 * height


def _two_tones(random: Random) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """A paper and an ink that can be told apart."""
    light, dark = _tone(random, 190, 256), _tone(random, 0, 90)
    return (light, dark) if random.random() < 0.7 else (dark, light)


def _tone(random: Random, low: int = 0, high: int = 256) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(low, high, 3))
    return (red, red, red) if random.random() < 0.5 else (red, green, blue)
