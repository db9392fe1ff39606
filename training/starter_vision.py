"""Train starter-vision: ten everyday things in photographs, from CIFAR-10.

    python -m training.starter_vision --data ../shared/data --out assets/models/starter-vision

A run that was stopped goes on from its last checkpoint in --work. The last line printed is a JSON result.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from training._vision_augment import cut_out, flipped, shifted
from training._vision_data import Pictures, read_cifar
from training._vision_model import Shape, export, load, new_classifier
from training._vision_outliers import blood_cells, outliers
from training._vision_quality import calibrated, judged, write_quality
from training._vision_score import logits_of
from training._vision_train import OUTLIER, Material, Plan, fit
from training._vision_unknowns import other_sets, told_apart

SHAPE = Shape(side_px=96, stem=64, widths=(128, 256, 384), depths=(1, 2, 1))
RESOLUTION_PX = 32
OUTLIERS, CELLS = 2600, 400
# What is learned from smaller pictures is learned quicker; the second plan begins where the first one ends. Longer
# training, at other sizes and with more changes to the pictures, gave no more on held-out ones.
PLANS = (
    Plan(epochs=14, sides_px=((0.0, 48), (0.35, 64)), batch=500),
    Plan(
        epochs=6,
        sides_px=((0.0, 96),),
        batch=500,
        muon_rate=0.06,
        rate=0.03,
        seed=21,
        is_settled_changed=True,
    ),
)


def main() -> None:
    options = _options()
    torch.manual_seed(20)
    train = read_cifar(options.data, "train")
    model = new_classifier(train.names, SHAPE)
    material = _material(train, options.data)
    for number, plan in enumerate(PLANS, 1):
        plan = replace(plan, processes=options.processes)
        fit(model, material, plan, augment=augment, work=options.work / str(number))
    strange = torch.cat(strangers(options.data, "val"))
    calibration = calibrated(model, read_cifar(options.data, "val"), strange, SHAPE.side_px)
    export(model, SHAPE, options.out, calibration | {"resolution_px": RESOLUTION_PX})
    results = evaluate(options.out, calibration, options.data, options.split)
    write_quality(options.out, options.split, results)
    print(json.dumps({"split": options.split, **results}))


def evaluate(folder: Path, calibration: dict, data: Path, split: str) -> dict:
    """The exported model's figures on one split; those of "test" say how it takes pictures of other sets, too."""
    model, pictures = load(folder), read_cifar(data, split)
    logits = logits_of(model, pictures.pictures, SHAPE.side_px)
    figures = judged(logits, pictures.labels, calibration)
    if split == "test":
        sets = other_sets(data, RESOLUTION_PX)
        others = {name: logits_of(model, each, SHAPE.side_px) for name, each in sets.items()}
        figures["unknown"] = told_apart(logits, others, calibration["unknown_below"])
    return figures


def augment(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Mirrored, moved, a part hidden."""
    return cut_out(shifted(flipped(pictures, generator), 3, generator), 8, generator), targets


def strangers(data: Path, part: str) -> list[Tensor]:
    """Pictures without any of the ten things; those of "val" are made from held-out photographs and smears."""
    known, seed = read_cifar(data, part), {"train": 1, "val": 2}[part]
    few = 1 if part == "train" else 2
    return [
        outliers(known.pictures, OUTLIERS // few, seed),
        blood_cells(data, part, CELLS // few, RESOLUTION_PX, seed),
    ]


def _material(train: Pictures, data: Path) -> Material:
    strange = torch.cat(strangers(data, "train"))
    labels = torch.cat([train.labels, torch.full((len(strange),), OUTLIER)])
    return Material(torch.cat([train.pictures, strange]), labels)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10 and bccd")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--work", type=Path, default=Path("var/starter-vision"), help="checkpoints")
    parser.add_argument("--processes", type=int, default=2, help="one thread each")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
