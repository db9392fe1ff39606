"""Does the hot area of a saliency map matter? It is blotted out, and so are areas like it at random places."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from core.catalog import ModelSpec
from core.pool import ModelPool
from core.types import ImageItem

RANDOM_MASKS = 20
HOT_SHARE = 0.2
# What is blotted out is replaced by the picture blurred by this share of its side: neither edges nor a new colour.
BLUR = 0.125


@dataclass(frozen=True)
class DeletionCheck:
    """How much the score falls without the hot area, and without areas of the same size and shape elsewhere."""

    drop: float
    random_drops: tuple[float, ...]
    share_px: float
    """The share of the picture that is blotted out each time."""
    passes: bool
    """The score falls without the hot area, and by more than the mean of the others; a flat map has no hot area."""


def deletion_check(
    models: ModelPool,
    role: str | ModelSpec,
    seen: np.ndarray,
    saliency: np.ndarray,
    target: int,
    *,
    labels: tuple[str, ...] = (),
    seed: int = 0,
) -> DeletionCheck:
    """Compare the hottest fifth of the picture with RANDOM_MASKS areas of exactly its shape, moved and mirrored.

    `seen` and `saliency` are those of the engine's ImageScores, `target` the number of the label that was explained,
    `labels` those given with the picture. All variants are asked for at once. Compared is the calibrated score of
    the target (Samek et al. 2017, with a region instead of single pixels). Raises what ModelPool.predict_many raises.
    """
    hot = hot_area(saliency, seen.shape[:2])
    masks = [hot, *_moved(hot, np.random.default_rng(seed))]
    background = _blurred(seen)
    variants = [seen, *(np.where(mask[:, :, None], background, seen) for mask in masks)]
    results = models.predict_many(role, [ImageItem(pixels, labels=labels) for pixels in variants])
    whole, without, *others = (float(result.scores[target]) for result in results)
    random_drops = tuple(whole - score for score in others)
    drop = whole - without
    passes = bool(np.ptp(saliency) > 0) and drop > max(0.0, float(np.mean(random_drops)))
    return DeletionCheck(drop, random_drops, float(hot.mean()), passes=passes)


def hot_area(saliency: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The HOT_SHARE of the places with most saliency, bool of shape `size`; ties go from the top down."""
    rows, columns = (
        np.arange(wanted) * there // wanted for wanted, there in zip(size, saliency.shape, strict=True)
    )
    values = saliency[np.ix_(rows, columns)]
    hottest = np.argsort(-values, axis=None, kind="stable")[: max(1, round(HOT_SHARE * values.size))]
    mask = np.zeros(values.size, dtype=bool)
    mask[hottest] = True
    return mask.reshape(size)


def _moved(mask: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """The same area at random places, mirrored at random; what leaves on one side comes in on the other."""
    for _ in range(RANDOM_MASKS):
        mirrored = mask[:: random.choice([1, -1]), :: random.choice([1, -1])]
        yield np.roll(mirrored, tuple(random.integers(0, mask.shape)), axis=(0, 1))


def _blurred(seen: np.ndarray) -> np.ndarray:
    radius = max(1.0, BLUR * min(seen.shape[:2]))
    return np.asarray(Image.fromarray(seen).filter(ImageFilter.GaussianBlur(radius)))
