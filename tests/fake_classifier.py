"""A classifier of pictures without weights: it goes by the mean colour, so that tests can paint what it sees."""

import colorsys
import threading

import numpy as np

from core.device import Device
from core.types import ImageItem, ImageScores

LABELS = {
    "image-classifier": (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ),
    "product-classifier": ("Golden Delicious", "Banana", "Oatly Oat Milk", "Vine Tomato", "Zucchini"),
    "picture-kind": (
        "abdomen CT", "breast MRI", "frontal chest X-ray", "chest CT", "hand X-ray", "head CT", "everyday picture",
    ),
    "chest-xray": ("normal", "bacterial", "viral"),
}  # fmt: skip
GREYS = {"frontal chest X-ray": 130, "normal": 105, "bacterial": 130, "viral": 155}
SEEN_PX = 32
MAP_CELLS = 8


class FakeClassifier:
    """Scores each label by how near its colour is to the picture's mean colour.

    `painted(label, labels)` is a picture of a label's colour: grey 105, 130 and 155 for "normal", "bacterial" and
    "viral" (all three are a "frontal chest X-ray", which is grey 130), else one hue per label, in their order. The
    energy is above 0 up to 50 steps of colour from the nearest label, below 0 beyond (black, white, say).
    Features are the mean colour of the four quarters (12 numbers in 0..1); saliency is 1 in the brightest
    quarter and 0.1 elsewhere, 8 x 8, and `seen` is the picture at 32 x 32. An item's own labels come first.
    """

    def __init__(self, device: Device, labels: tuple[str, ...] = LABELS["image-classifier"]) -> None:
        self.device = device
        self.labels = labels
        self.asked: list[ImageItem] = []
        self.is_closed = False
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()
        """Clear it to keep callers waiting."""
        self.may_answer.set()

    def predict(self, items: list[ImageItem]) -> list[ImageScores]:
        self.asked += items
        self.was_asked.set()
        self.may_answer.wait()
        return [_scores(item, item.labels or self.labels) for item in items]

    def close(self) -> None:
        self.is_closed = True


def painted(label: str, labels: tuple[str, ...], *, size_px: int = 64) -> np.ndarray:
    """A picture in the colour of this label, uint8 (size_px, size_px, 3): a FakeClassifier is sure of it."""
    return np.full((size_px, size_px, 3), _colour(label, labels), dtype=np.uint8)


def labels_for(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that a FakeClassifier of these roles knows, by the first role that has any."""
    return next((LABELS[role] for role in roles if role in LABELS), LABELS["image-classifier"])


def _colour(label: str, labels: tuple[str, ...]) -> tuple[int, int, int]:
    if label in GREYS:
        return (GREYS[label],) * 3
    red, green, blue = colorsys.hsv_to_rgb(labels.index(label) / len(labels), 0.8, 0.8)
    return round(255 * red), round(255 * green), round(255 * blue)


def _scores(item: ImageItem, labels: tuple[str, ...]) -> ImageScores:
    mean = item.pixels.reshape(-1, 3).mean(axis=0)
    distances = np.array([np.linalg.norm(mean - _colour(label, labels)) for label in labels])
    logits = (50 - distances) / 10
    weights = np.exp(logits - logits.max())
    return ImageScores(
        labels=labels,
        scores=(weights / weights.sum()).astype(np.float32),
        energy=float(logits.max() + np.log(weights.sum())),
        features=_quarters(_seen(item.pixels)).ravel(),
        saliency=_brightest_quarter(_seen(item.pixels)) if item.wants_saliency else None,
        seen=_seen(item.pixels) if item.wants_saliency else None,
    )


def _seen(pixels: np.ndarray) -> np.ndarray:
    rows, columns = (np.linspace(0, side - 1, SEEN_PX).astype(int) for side in pixels.shape[:2])
    return pixels[np.ix_(rows, columns)]


def _quarters(seen: np.ndarray) -> np.ndarray:
    """The mean colour of each quarter, float32 (2, 2, 3) in 0..1."""
    half = SEEN_PX // 2
    return (seen.reshape(2, half, 2, half, 3).mean(axis=(1, 3)) / 255).astype(np.float32)


def _brightest_quarter(seen: np.ndarray) -> np.ndarray:
    brightness = _quarters(seen).mean(axis=2)
    hot = np.zeros(4, dtype=np.float32)
    hot[brightness.argmax()] = 1.0
    return np.kron(np.maximum(hot, 0.1).reshape(2, 2), np.ones((MAP_CELLS // 2,) * 2, dtype=np.float32))
