"""For how many pictures the hottest fifth of the saliency map matters more to the score than random areas like it.

The page's own check, on labelled pictures that the model has not learned from; nothing is chosen by it here. Beside
the engine's map: the middle of the picture as the hot area, and a map of noise, which should pass about half the time.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.pictures import pool_of
from benchmarks.reports import arguments, report
from core.pool import ModelPool
from core.scenarios.deletion import deletion_check
from core.settings import ROOT
from core.types import ImageItem, ImageScores
from training._medical_data import read_chest
from training._vision_data import read_cifar

DATA = ROOT.parent / "shared" / "data"
GOAL = 0.90
Heat = Callable[[ImageScores, np.random.Generator], np.ndarray]


def pictures_of(name: str, split: str, number: int) -> np.ndarray:
    """`number` pictures of the set, uint8 (n, side, side, 3), the same each time."""
    if name == "cifar":
        found = read_cifar(DATA, split).pictures.permute(0, 2, 3, 1).numpy()
    else:
        is_test = split == "test"
        greys = read_chest(DATA, folds=None if is_test else range(8, 10), test=is_test).pictures
        found = np.repeat(np.asarray(greys).reshape(len(greys), *greys.shape[-2:], 1), 3, axis=3)
    chosen = np.random.default_rng(7).permutation(len(found))[:number]
    return found[chosen]


def of_the_engine(scores: ImageScores, random: np.random.Generator) -> np.ndarray:
    return scores.saliency


def of_the_middle(scores: ImageScores, random: np.random.Generator) -> np.ndarray:
    rows, columns = (np.linspace(-1, 1, side) ** 2 for side in scores.saliency.shape)
    return 2 - rows[:, None] - columns[None]


def of_noise(scores: ImageScores, random: np.random.Generator) -> np.ndarray:
    return np.kron(random.random((4, 4)), np.ones([-(-side // 4) for side in scores.saliency.shape]))


def shares(models: ModelPool, pictures: np.ndarray) -> dict[str, dict[str, float]]:
    """For each kind of map: the share of pictures that pass, and the mean drops."""
    kinds: dict[str, Heat] = {"engine": of_the_engine, "middle": of_the_middle, "noise": of_noise}
    rows: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in kinds}
    random = np.random.default_rng(7)
    for pixels in pictures:
        scores = models.predict("image-classifier", ImageItem(pixels, wants_saliency=True))
        for kind, heat in kinds.items():
            target = int(scores.scores.argmax())
            check = deletion_check(models, "image-classifier", scores.seen, heat(scores, random), target)
            rows[kind].append((check.passes, check.drop, float(np.mean(check.random_drops))))
    names = ("passes", "drop", "random_drop")
    return {
        kind: dict(zip(names, np.mean(each, axis=0).round(3).tolist(), strict=True))
        for kind, each in rows.items()
    }


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "assets" / "models" / "starter-vision")
    parser.add_argument("--set", choices=("cifar", "chest"), default="cifar")
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--pictures", type=int, default=300)
    options = parser.parse_args()
    if not (DATA.exists() and options.folder.exists()):
        print("the pictures or the model are not here")
        return 1
    models = pool_of(options.folder)
    found = shares(models, pictures_of(options.set, options.split, options.pictures))
    models.close()
    passed = found["engine"]["passes"] >= GOAL
    asked = {"model": options.folder.name, "set": options.set, "split": options.split}
    report("deletion", {**asked, "pictures": options.pictures, **found, "passed": passed}, save=options.save)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
