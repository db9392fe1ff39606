"""Train starter-chest-xray: normal, bacterial or viral, from chest X-rays of children.

    python -m training.starter_chest_xray --data ../shared/data --out assets/models/starter-chest-xray

A run that was stopped goes on from its last checkpoint in --work. `--test` also scores the official test split, and
puts its figures beside the operating points; these, like all else, are chosen on the folds held out.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from training._medical_augment import views
from training._medical_data import CHEST_LABELS, CHEST_PX, Greys, read_chest
from training._medical_score import finding_score, fit_scale, not_sure_band, quality_of, thresholds
from training._medical_train import CHEST_PLAN, CHEST_SHAPE, as_elsewhere, changed_chest
from training._vision_model import export, load, load_calibration, new_classifier
from training._vision_score import logits_of
from training._vision_train import Material, fit, settle

LEARNED, HELD_OUT = range(8), range(8, 10)
COPIES = 4  # of each held-out X-ray, for the thresholds
HELD_OUT_NAME = "{number} held-out X-rays of Guangzhou children (folds 8 and 9)"
TEST_NAME = "{number} test X-rays of Guangzhou children (official split)"


def main() -> None:
    options = _options()
    torch.manual_seed(CHEST_PLAN.seed)
    held_out = read_chest(options.data, folds=HELD_OUT)
    if not options.score_only:
        _teach(options.data, options.work, options.out, held_out)
    results = {"held out": measure(options.out, held_out, name=HELD_OUT_NAME)}
    for number, view in ((1, "equalised"), (2, "locally equalised")):
        changed = Greys(views(held_out.pictures)[:, number].numpy(), held_out.labels)
        results[f"held out, {view}"] = {"auc": measure(options.out, changed)["auc"]}
    if options.test:
        results["test"] = measure(options.out, read_chest(options.data, test=True), name=TEST_NAME)
        (options.out / "quality.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(json.dumps(results, indent=1))


def measure(folder: Path, greys: Greys, *, name: str | None = None) -> dict:
    """The figures of an exported model; with a `name` they become those of its operating points."""
    calibration = load_calibration(folder)
    places = {point["point_id"]: point["threshold"] for point in calibration["operating_points"]}
    logits = logits_of(load(folder), greys.tensor(), CHEST_PX)
    figures = quality_of(logits, greys.labels, calibration["temperature"], places)
    if name:
        keys = ("threshold", "sensitivity", "sensitivity_interval", "specificity", "specificity_interval")
        calibration["operating_points"] = [
            {"point_id": point_id}
            | {key: found[key] for key in keys}
            | {"measured_on": name.format(number=len(greys))}
            for point_id, found in figures["points"].items()
        ]
        _write(folder, calibration)
    return figures


def _teach(data: Path, work: Path, out: Path, held_out: Greys) -> None:
    """Train and export, with all that is fitted on the folds held out."""
    learned = read_chest(data, folds=LEARNED)
    model = new_classifier(CHEST_LABELS, CHEST_SHAPE)
    material = Material(views(learned.pictures), learned.labels)
    fit(model, material, CHEST_PLAN, augment=changed_chest, work=work)
    # The last measurement of the means and spreads must see pictures as they are, not their three views.
    settle(model, Material(learned.tensor(), learned.labels), CHEST_PLAN)
    logits = logits_of(model.eval(), held_out.tensor(), CHEST_PX)
    temperature, shift = fit_scale(logits, held_out.labels, _evenly(held_out.labels))
    with torch.no_grad():
        model.classifier[1].bias += shift
    export(model, CHEST_SHAPE, out, {})
    _write(out, {"temperature": temperature, "resolution_px": CHEST_PX} | _rule(out, held_out, temperature))


def _rule(folder: Path, held_out: Greys, temperature: float) -> dict:
    """The operating points' thresholds and the not-sure band of an exported model."""
    model, pictures = load(folder), held_out.tensor()
    scores = finding_score((logits_of(model, pictures, CHEST_PX).double() / temperature).softmax(1))
    copies = [_copy(pictures, seed) for seed in range(COPIES)]
    rough = [
        finding_score((logits_of(model, each, CHEST_PX).double() / temperature).softmax(1)) for each in copies
    ]
    positive = (held_out.labels > 0).numpy()
    everything = np.concatenate(rough), np.tile(positive, COPIES)
    places = thresholds(scores, positive, *everything)
    return {
        "not_sure": not_sure_band(*everything, places["balanced"]),
        "operating_points": [{"point_id": name, "threshold": place} for name, place in places.items()],
    }


def _copy(pictures: torch.Tensor, seed: int) -> torch.Tensor:
    changed = as_elsewhere(pictures[:, :1].float() / 255, torch.Generator().manual_seed(seed))
    return (255 * changed).round().to(torch.uint8).expand(-1, 3, -1, -1)


def _evenly(labels: torch.Tensor) -> torch.Tensor:
    """Weights by which X-rays with and without pneumonia count as much in all."""
    ill = (labels > 0).double()
    return ill / ill.sum() + (1 - ill) / (1 - ill).sum()


def _write(folder: Path, calibration: dict) -> None:
    (folder / "calibration.json").write_text(json.dumps(calibration, indent=1) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with chest-xray-pneumonia")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--work", type=Path, default=Path("var/starter-chest-xray"), help="checkpoints")
    parser.add_argument("--score-only", action="store_true", help="score the folder as it is")
    parser.add_argument("--test", action="store_true", help="score the official test split too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
