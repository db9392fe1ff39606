"""What the drawn scenes are made with: a square canvas that turns out a little different with each seed."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE_PX = 192
# Drawn larger and shrunk, so that edges are smooth.
SCALE = 4
Colour = tuple[int, int, int]
Point = tuple[float, float]


class Canvas:
    """A square to draw on, 100 units wide; everything is shifted and sized by the seed."""

    def __init__(self, rng: np.random.Generator, sky: Colour, ground: Colour, horizon: float) -> None:
        side = SIZE_PX * SCALE
        self.rng = rng
        self._unit = side / 100
        self._zoom = rng.uniform(0.85, 1.1)
        self._shift = rng.uniform(-5, 5, size=2)
        self.image = Image.fromarray(_backdrop(side, sky, ground, horizon))
        self._draw = ImageDraw.Draw(self.image)

    def vary(self, colour: Colour, amount: int = 22) -> Colour:
        return tuple(int(np.clip(part + self.rng.integers(-amount, amount + 1), 0, 255)) for part in colour)

    def polygon(self, points: list[Point], colour: Colour) -> None:
        self._draw.polygon([self._at(*point) for point in points], fill=colour)

    def ellipse(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """An ellipse around (x, y)."""
        corners = (*self._at(x - wide / 2, y - high / 2), *self._at(x + wide / 2, y + high / 2))
        self._draw.ellipse(corners, fill=colour)

    def box(self, x: float, y: float, wide: float, high: float, colour: Colour, *, round_: float = 0) -> None:
        """A box whose upper left corner is (x, y)."""
        corners = (*self._at(x, y), *self._at(x + wide, y + high))
        self._draw.rounded_rectangle(corners, radius=round_ * self._unit * self._zoom, fill=colour)

    def line(self, points: list[Point], wide: float, colour: Colour) -> None:
        width = max(1, round(wide * self._unit * self._zoom))
        self._draw.line([self._at(*point) for point in points], fill=colour, width=width, joint="curve")

    def pixels(self) -> np.ndarray:
        """The scene, uint8 RGB (SIZE_PX, SIZE_PX, 3), a little soft and grainy as photographs are."""
        small = self.image.filter(ImageFilter.GaussianBlur(SCALE / 2)).resize(
            (SIZE_PX, SIZE_PX), Image.Resampling.BOX
        )
        grain = self.rng.normal(0, 4, size=(SIZE_PX, SIZE_PX, 1))
        return np.clip(np.asarray(small) + grain, 0, 255).astype(np.uint8)

    def _at(self, x: float, y: float) -> Point:
        across, down = (
            50 + self._zoom * (x - 50) + self._shift[0],
            50 + self._zoom * (y - 50) + self._shift[1],
        )
        return across * self._unit, down * self._unit


def _backdrop(side: int, sky: Colour, ground: Colour, horizon: float) -> np.ndarray:
    down = np.linspace(0, 1, side)[:, None]
    upper = np.array(sky) * (0.85 + 0.3 * down)
    lower = np.array(ground) * (1.1 - 0.3 * down)
    rows = np.where(down < horizon / 100, upper, lower)
    return np.repeat(np.clip(rows, 0, 255)[:, None, :], side, axis=1).astype(np.uint8)
