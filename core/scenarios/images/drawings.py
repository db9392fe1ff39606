"""Drawn scenes for the examples: simple shapes, a little different with each seed; no photograph of anybody's."""

from collections.abc import Callable

import numpy as np

from core.scenarios.images.canvas import Canvas, Colour


def _airplane(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (110, 165, 225), (150, 190, 235), 100)
    body = canvas.vary((228, 230, 236), 12)
    canvas.polygon([(46, 50), (60, 50), (44, 82), (34, 82)], canvas.vary((170, 176, 188)))
    canvas.polygon([(50, 45), (60, 45), (52, 22), (45, 22)], (190, 196, 206))
    canvas.ellipse(50, 48, 84, 13, body)
    canvas.polygon([(10, 46), (20, 47), (11, 26), (5, 26)], canvas.vary((200, 60, 60), 60))
    canvas.polygon([(9, 49), (20, 49), (12, 57), (5, 57)], (180, 184, 194))
    for x in range(28, 78, 6):
        canvas.ellipse(x, 46, 2.4, 2.6, (60, 80, 110))
    return canvas


def _car(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (175, 200, 222), (112, 112, 116), 66)
    paint = canvas.vary(((196, 38, 40), (38, 80, 168), (228, 190, 52))[rng.integers(3)])
    canvas.ellipse(50, 80, 88, 8, (62, 62, 66))
    canvas.polygon([(26, 54), (36, 36), (66, 36), (78, 54)], paint)
    canvas.polygon([(31, 53), (38, 40), (49, 40), (49, 53)], (70, 92, 112))
    canvas.polygon([(52, 53), (52, 40), (64, 40), (72, 53)], (70, 92, 112))
    canvas.box(8, 52, 85, 20, paint, round_=6)
    canvas.box(88, 57, 5, 5, (250, 240, 190), round_=1)
    canvas.box(8, 57, 4, 5, (150, 20, 24), round_=1)
    for x in (27, 74):
        canvas.ellipse(x, 72, 18, 18, (28, 28, 30))
        canvas.ellipse(x, 72, 9, 9, (176, 178, 184))
    return canvas


def _truck(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (180, 205, 228), (120, 118, 112), 70)
    cab = canvas.vary(((200, 50, 44), (44, 100, 172), (240, 240, 236))[rng.integers(3)])
    canvas.ellipse(50, 85, 92, 7, (64, 64, 66))
    canvas.box(4, 28, 60, 46, canvas.vary((232, 232, 228), 10), round_=1)
    for x in range(14, 60, 10):
        canvas.line([(x, 30), (x, 72)], 0.7, (196, 196, 192))
    canvas.polygon([(66, 74), (66, 38), (84, 38), (94, 56), (94, 74)], cab)
    canvas.polygon([(70, 54), (70, 42), (82, 42), (89, 54)], (70, 94, 116))
    canvas.box(4, 74, 91, 4, (70, 70, 74))
    for x in (16, 32, 80):
        canvas.ellipse(x, 78, 15, 15, (26, 26, 28))
        canvas.ellipse(x, 78, 7, 7, (170, 172, 178))
    return canvas


def _ship(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (168, 204, 232), (34, 84, 138), 64)
    hull = canvas.vary((40, 44, 60), 14)
    canvas.box(30, 36, 36, 20, (236, 236, 232))
    canvas.box(38, 26, 20, 12, (226, 226, 222))
    canvas.box(44, 12, 8, 15, canvas.vary((200, 56, 48), 40))
    for x in range(34, 64, 6):
        canvas.box(x, 42, 3, 3, (60, 84, 110))
    canvas.polygon([(6, 54), (96, 54), (84, 74), (16, 74)], hull)
    canvas.polygon([(13, 69), (87, 69), (84, 74), (16, 74)], (150, 40, 36))
    for x in range(0, 100, 14):
        canvas.line([(x, 79), (x + 8, 78)], 1.2, (130, 176, 214))
    return canvas


def _cat(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (206, 190, 166), (150, 112, 80), 74)
    fur = canvas.vary(((206, 132, 62), (120, 116, 112), (52, 48, 48))[rng.integers(3)])
    dark = tuple(int(part * 0.72) for part in fur)
    canvas.ellipse(50, 84, 56, 46, fur)
    canvas.polygon([(24, 34), (27, 8), (46, 24)], fur)
    canvas.polygon([(76, 34), (73, 8), (54, 24)], fur)
    canvas.polygon([(29, 28), (30, 15), (39, 23)], (220, 160, 150))
    canvas.polygon([(71, 28), (70, 15), (61, 23)], (220, 160, 150))
    canvas.ellipse(50, 44, 56, 48, fur)
    for x in (40, 50, 60):
        canvas.line([(x, 22), (x, 32)], 2.2, dark)
    for x in (38, 62):
        canvas.ellipse(x, 42, 12, 10, (150, 190, 84))
        canvas.ellipse(x, 42, 4, 9, (16, 16, 16))
    canvas.ellipse(50, 55, 22, 14, tuple(min(255, part + 40) for part in fur))
    canvas.polygon([(47, 51), (53, 51), (50, 55)], (212, 120, 120))
    for side in (-1, 1):
        for slant in (-3, 1, 5):
            canvas.line([(50 + side * 9, 56), (50 + side * 34, 54 + slant)], 0.7, (240, 240, 236))
    return canvas


def _orange(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (226, 222, 214), (206, 198, 186), 60)
    return _fruit(canvas, (238, 134, 26), 58, 56)


def _lemon(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (222, 224, 220), (200, 200, 192), 60)
    canvas.ellipse(21, 56, 14, 12, (226, 196, 40))
    canvas.ellipse(79, 56, 14, 12, (226, 196, 40))
    return _fruit(canvas, (240, 212, 46), 62, 46)


def _fruit(canvas: Canvas, peel: Colour, wide: float, high: float) -> Canvas:
    """A round fruit with shade, light and pores."""
    peel = canvas.vary(peel, 12)
    canvas.ellipse(52, 82, wide * 1.1, 10, (168, 160, 150))
    for step in range(6):
        tone = tuple(int(min(255, part * (0.82 + 0.05 * step))) for part in peel)
        canvas.ellipse(50 - 1.2 * step, 56 - 1.4 * step, wide - 6 * step, high - 6 * step, tone)
    for _pore in range(60):
        angle, reach = canvas.rng.uniform(0, 6.28), np.sqrt(canvas.rng.uniform(0, 0.8)) / 2
        x, y = 50 + wide * reach * np.cos(angle), 56 + high * reach * np.sin(angle)
        canvas.ellipse(x, y, 0.9, 0.9, tuple(int(part * 0.86) for part in peel))
    canvas.ellipse(50, 56 - 0.42 * high, 4, 3, (96, 110, 44))
    return canvas


def _carton(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (206, 212, 216), (176, 178, 176), 66)
    stripe = canvas.vary(((44, 120, 190), (60, 150, 84), (196, 60, 70))[rng.integers(3)])
    canvas.ellipse(54, 90, 50, 7, (136, 138, 136))
    canvas.polygon([(30, 30), (40, 14), (60, 14), (64, 30)], (226, 228, 230))
    canvas.box(40, 8, 20, 7, (212, 214, 218))
    canvas.box(30, 30, 34, 60, (246, 246, 244))
    canvas.polygon([(64, 30), (74, 26), (74, 84), (64, 90)], (206, 208, 212))
    canvas.polygon([(60, 14), (64, 30), (74, 26), (68, 12)], (196, 198, 202))
    canvas.box(30, 44, 34, 16, stripe)
    canvas.polygon([(64, 44), (74, 40), (74, 56), (64, 60)], tuple(int(part * 0.8) for part in stripe))
    for y in (66, 71, 76):
        canvas.box(35, y, 24 - (y - 66), 1.8, (150, 156, 166))
    return canvas


def _stripes(rng: np.random.Generator) -> Canvas:
    canvas = Canvas(rng, (250, 250, 250), (250, 250, 250), 100)
    for number, x in enumerate(range(-60, 160, 9)):
        colour = canvas.vary(((20, 20, 24), (236, 40, 160), (40, 220, 200))[number % 3], 10)
        canvas.polygon([(x, -20), (x + 4.5, -20), (x + 44.5, 120), (x + 40, 120)], colour)
    return canvas


DRAWERS: dict[str, Callable[[np.random.Generator], Canvas]] = {
    "airplane": _airplane,
    "automobile": _car,
    "cat": _cat,
    "ship": _ship,
    "truck": _truck,
    "orange": _orange,
    "lemon": _lemon,
    "carton": _carton,
    "stripes": _stripes,
}


def draw(kind: str, seed: int = 0) -> np.ndarray:
    """A drawn scene of this kind, one of DRAWERS, uint8 RGB (SIZE_PX, SIZE_PX, 3); the same seed, the same pixels."""
    return DRAWERS[kind](np.random.default_rng(seed)).pixels()
