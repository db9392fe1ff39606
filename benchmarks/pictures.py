"""32 sessions classifying pictures at once through the pool, against the same model asked for one picture at a time.

The peer is what one writes first: processor and model in float32, picture by picture, in the thread of each session;
with a lock around it and without. Rounds of all three take turns; ours is compared with the better of the two.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
    ViTImageProcessorPil,
)

from benchmarks.reports import Row, Spread, arguments, report
from core.calibration import FILE, read_calibration
from core.catalog import Catalog, ModelSpec
from core.device import detect
from core.pool import ModelPool
from core.settings import ROOT
from core.types import ImageItem, Tier

SESSIONS = 32
ROUNDS = 5
GOAL = 4.0
STARTER = ROOT / "assets" / "models" / "starter-vision"
Classify = Callable[[np.ndarray], np.ndarray]


class Naive:
    """A picture's scores by processor and model alone."""

    def __init__(self, folder: Path) -> None:
        self._processor = AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
        model = AutoModelForImageClassification.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True
        )
        self._model, self._calibration = model.eval(), read_calibration(folder)
        self._lock = threading.Lock()

    @torch.inference_mode()
    def classify(self, pixels: np.ndarray) -> np.ndarray:
        side = self._calibration.resolution_px
        picture = Image.fromarray(pixels)
        small = picture.resize((side, side), Image.Resampling.BILINEAR) if side else picture
        logits = self._model(**self._processor(small, return_tensors="pt")).logits
        return torch.softmax(logits[0] / self._calibration.temperature, dim=0).numpy()

    def classify_in_turn(self, pixels: np.ndarray) -> np.ndarray:
        with self._lock:
            return self.classify(pixels)


def pool_of(folder: Path) -> ModelPool:
    """A pool with this model only."""
    spec = ModelSpec(
        model_id="pictures",
        roles=("image-classifier",),
        task="image-classification",
        tier=Tier.STARTER,
        license="-",
        size_mb=sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 2**20,
        languages=(),
        title=folder.name,
        folder=folder.name,
        max_batch_size=SESSIONS,
    )
    device = detect("cpu")
    return ModelPool(
        Catalog((spec,)),
        locate=lambda spec: folder,
        download=lambda spec, cancel: iter(()),
        detect_device=lambda: device,
        timeout_s=600,
    )


def write_random(folder: Path) -> None:
    """A network of the starter's kind with random weights, for a machine that has no starter."""
    torch.manual_seed(7)
    sizes = {"embedding_size": 64, "hidden_sizes": [64, 128, 256, 512], "depths": [1, 1, 1, 1]}
    config = ResNetConfig(**sizes, layer_type="basic", num_labels=10)
    ResNetForImageClassification(config).eval().save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 128, "width": 128}, resample=0).save_pretrained(folder)
    (folder / FILE).write_text('{"resolution_px": 32}')


def timed(classify: Classify, pictures: list[np.ndarray]) -> tuple[float, float]:
    """Pictures per second of SESSIONS threads together, and the processor's milliseconds per picture.

    Each thread has its share of the pictures, and asks for one after the other.
    """
    shares = [pictures[start::SESSIONS] for start in range(SESSIONS)]
    sessions = [
        threading.Thread(target=lambda share=share: [classify(each) for each in share]) for share in shares
    ]
    started_s, used_s = time.perf_counter(), time.process_time()
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    elapsed_s, used_s = time.perf_counter() - started_s, time.process_time() - used_s
    return len(pictures) / elapsed_s, 1000 * used_s / len(pictures)


def measured(ways: dict[str, Classify], pictures: list[np.ndarray]) -> dict[str, list[tuple[float, float]]]:
    """What `timed` gives for each way, round by round; they take turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, classify in ways.items():
            found[name].append(timed(classify, pictures))
    return found


def compare(folder: Path, pictures: list[np.ndarray]) -> dict[str, object]:
    naive, models = Naive(folder), pool_of(folder)

    def through_the_pool(pixels: np.ndarray) -> np.ndarray:
        return models.predict("image-classifier", ImageItem(pixels)).scores

    ways = {
        "pool": through_the_pool,
        "one_at_a_time": naive.classify_in_turn,
        "at_once_without_lock": naive.classify,
    }
    apart = max(np.abs(through_the_pool(each) - naive.classify(each)).max() for each in pictures[:SESSIONS])
    rounds = measured(ways, pictures)
    models.close()
    figures = {name: tuple(np.median(each, axis=0).round(2).tolist()) for name, each in rounds.items()}
    better = max(list(ways)[1:], key=lambda name: figures[name][0])
    ratios = [ours / plain for (ours, _), (plain, _) in zip(rounds["pool"], rounds[better], strict=True)]
    (rate, used_ms), *peers = figures.values()
    return {
        "pictures_per_s": {name: each for name, (each, _) in figures.items()},
        "cpu_ms_per_picture": {name: each for name, (_, each) in figures.items()},
        "ratio": round(rate / max(each for each, _ in peers), 2),
        "ratios": asdict(Spread.of(ratios)),
        # The same on a machine that is busy with other things, where the clock says little.
        "ratio_of_cpu": round(min(each for _, each in peers) / used_ms, 2),
        "largest_difference_of_scores": round(float(apart), 5),
    }


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, default=STARTER, help="a model folder in the hub's format")
    parser.add_argument("--side", type=int, default=256, help="of the pictures, in px")
    parser.add_argument("--each", type=int, default=8, help="pictures per session and round")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 is its own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    random = np.random.default_rng(7)
    size = (SESSIONS * options.each, options.side, options.side, 3)
    pictures = list(random.integers(0, 256, size, dtype=np.uint8))
    with tempfile.TemporaryDirectory() as place:
        folder = options.folder if options.folder.exists() else Path(place)
        if folder == Path(place):
            write_random(folder)
        figures = compare(folder, pictures)
    model = options.folder.name if options.folder.exists() else "random weights"
    passed = figures["ratio"] >= GOAL
    threads = torch.get_num_threads()
    per_s = figures["pictures_per_s"]
    row = Row(
        f"{SESSIONS} sessions classify at once through the pool, against one picture at a time",
        f"{figures['ratio']:g} times ({per_s['pool']:g} against {per_s['one_at_a_time']:g} with and "
        f"{per_s['at_once_without_lock']:g} pictures/s without a lock, {model})",
        str(Spread(**figures["ratios"])),
        f"{GOAL:g} times",
        passed,
    )
    about = {"model": model, "torch_threads": threads}
    report("pictures", {**about, **figures, "passed": passed}, save=options.save, rows=[row])
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
