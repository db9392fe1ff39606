"""Synthetic samples: drawn chest phantoms, with and without an opacity, and drawn pictures that are refused.

No X-ray of anybody: ellipses, ribs, a spine and noise. A phantom is no fair input for a model that learned from
X-rays, so that its score means nothing clinically; each one says in its corner that it is synthetic.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from core.scenarios.triage.studies import packed

SIZE_PX = 512
# Drawn at half the size: an X-ray is soft anyway.
DRAWN_PX = 256
LABEL = "SYNTHETIC"
EXAMPLES = {
    "worklist": ("chest-9", "landscape", "chest-12-opacity", "black", "chest-2", "chest-1-opacity", "small"),
    "opacity": ("chest-12-opacity",),
    "clear": ("chest-9",),
    "refused": ("landscape", "black", "small"),
}


def samples(example_id: str) -> list[tuple[str, bytes]]:
    """The files (name, PNG) of one of the page's examples. Raises KeyError for an unknown one."""
    return [(f"synthetic-{name}.png", packed(pixels)) for name, pixels in _pictures(example_id)]


def _pictures(example_id: str) -> Iterator[tuple[str, np.ndarray]]:
    for name in EXAMPLES[example_id]:
        yield name, _REFUSED[name]() if name in _REFUSED else _chest(name)


def _chest(name: str) -> np.ndarray:
    return phantom(int(name.split("-")[1]), opacity=name.endswith("opacity"))


def phantom(seed: int, *, opacity: bool, size_px: int = SIZE_PX) -> np.ndarray:
    """A drawn chest from the front, uint8 RGB (size_px, size_px, 3); another one for each seed."""
    draw = np.random.default_rng(seed)
    lungs = _lungs(draw)
    chest = _body(draw) * (1 - 0.6 * lungs) + _bones(draw) + _heart(draw)
    cloud = _cloud(draw)
    if opacity:
        chest = chest + 66 * cloud * lungs
    grain = np.clip(128 + draw.normal(0, 14, chest.shape), 0, 255).astype(np.uint8)
    noise = _softened(Image.fromarray(grain), 0.8) - 128
    grey = Image.fromarray(np.clip(chest + noise, 0, 245).astype(np.uint8))
    return _labelled(grey.resize((size_px, size_px), Image.Resampling.BICUBIC))


def landscape(size_px: int = SIZE_PX) -> np.ndarray:
    """A drawn picture in colour, like a photograph somebody took by mistake."""
    image = Image.new("RGB", (size_px, size_px), (120, 180, 235))
    pen, unit = ImageDraw.Draw(image), size_px / 100
    pen.ellipse([70 * unit, 10 * unit, 88 * unit, 28 * unit], fill=(250, 215, 90))
    pen.polygon([(0, 70 * unit), (30 * unit, 35 * unit), (62 * unit, 72 * unit)], fill=(96, 110, 130))
    pen.rectangle([0, 65 * unit, size_px, size_px], fill=(88, 158, 84))
    pen.rectangle([55 * unit, 50 * unit, 80 * unit, 75 * unit], fill=(196, 92, 72))
    pen.polygon([(51 * unit, 50 * unit), (67 * unit, 36 * unit), (84 * unit, 50 * unit)], fill=(120, 52, 44))
    return _labelled(image.filter(ImageFilter.GaussianBlur(unit / 3)))


def black(size_px: int = SIZE_PX) -> np.ndarray:
    """Nothing at all, as from a detector that was not exposed."""
    return np.zeros((size_px, size_px, 3), dtype=np.uint8)


_REFUSED = {"landscape": landscape, "black": black, "small": lambda: phantom(5, opacity=False, size_px=64)}


def _body(draw: np.random.Generator) -> np.ndarray:
    """Neck, shoulders and trunk, brighter towards the spine and below the diaphragm."""
    wide = draw.uniform(102, 110)
    trunk = _shape([(128, 200, wide, 190), (128, 20, 34, 60), (46, 70, 52, 40), (210, 70, 52, 40)], blur=6)
    rows, columns = np.mgrid[:DRAWN_PX, :DRAWN_PX] / DRAWN_PX
    spine = np.exp(-(((columns - 0.5) / 0.11) ** 2))
    return trunk * (128 + 52 * rows + 24 * spine)


def _lungs(draw: np.random.Generator) -> np.ndarray:
    """0 to 1: two fields, narrow at the top and cut off by the diaphragm below."""
    top, wide = draw.uniform(50, 58), draw.uniform(43, 48)
    right = [(84 + 3 * step, top + 32 + 30 * (4 - step), wide - 4 * step, 44) for step in range(5)]
    left = [(174 - 3 * step, top + 32 + 30 * (4 - step), wide - 3 - 4 * step, 44) for step in range(5)]
    fields = _shape([*right, *left], blur=4)
    return fields * (1 - _shape([(84, 252, 62, 52), (174, 258, 62, 52)], blur=3))


def _cloud(draw: np.random.Generator) -> np.ndarray:
    """0 to 1: soft patches all over both fields."""
    patches = []
    for side in (84, 178):
        x, y = side + draw.uniform(-6, 6), draw.uniform(120, 160)
        for _ in range(10):
            place = (x + draw.normal(0, 16), y + draw.normal(0, 32))
            patches.append((*place, *draw.uniform(7, 14, 2)))
    return _shape(patches, blur=4.5)


def _bones(draw: np.random.Generator) -> np.ndarray:
    image = Image.new("L", (DRAWN_PX, DRAWN_PX))
    pen, tilt = ImageDraw.Draw(image), draw.uniform(-2, 2)
    for rib in range(9):
        top, reach = 40 + 19 * rib, 78 + min(rib, 5) * 5
        pen.arc([128 - reach, top + tilt, 122, top + 62 + tilt], 170, 300, fill=34, width=5)
        pen.arc([134, top - tilt, 128 + reach, top + 62 - tilt], 240, 370, fill=34, width=5)
    pen.line([(118, 58), (34, 40 + tilt)], fill=46, width=7)
    pen.line([(138, 58), (222, 40 - tilt)], fill=46, width=7)
    for vertebra in range(15):
        pen.rounded_rectangle([120, 10 + 17 * vertebra, 136, 23 + 17 * vertebra], 3, fill=22)
    return _softened(image, 1.6)


def _heart(draw: np.random.Generator) -> np.ndarray:
    width = draw.uniform(36, 44)
    return 52 * _shape([(142, 172, width, 40), (130, 112, 17, 62), (120, 128, 15, 18)], blur=5)


def _shape(ellipses: list[tuple[float, float, float, float]], *, blur: float) -> np.ndarray:
    """0 to 1: filled ellipses (centre x, y, half-axes) with soft edges."""
    image = Image.new("L", (DRAWN_PX, DRAWN_PX))
    pen = ImageDraw.Draw(image)
    for x, y, half_width, half_height in ellipses:
        pen.ellipse([x - half_width, y - half_height, x + half_width, y + half_height], fill=255)
    return _softened(image, blur) / 255


def _softened(image: Image.Image, blur: float) -> np.ndarray:
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float32)


def _labelled(image: Image.Image) -> np.ndarray:
    shown = image.convert("RGB")
    size = max(8, shown.width // 32)
    ImageDraw.Draw(shown).text((size // 2, shown.height - 1.6 * size), LABEL, (230, 230, 230), font_size=size)
    return np.asarray(shown).copy()
