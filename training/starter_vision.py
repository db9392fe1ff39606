"""Train starter-vision: ten everyday things in photographs, from CIFAR-10.

    python -m training.starter_vision --data ../shared/data --out assets/models/starter-vision

A run that was stopped goes on from its last checkpoint in --work; `--score-only` trains nothing and scores what is in
--out. The last line printed is a JSON result.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from training._vision_augment import cut_out, flipped, shifted
from training._vision_data import read_cifar
from training._vision_everyday import RESOLUTION_PX, everyday, strangers
from training._vision_model import Shape, export, load, load_calibration, new_classifier
from training._vision_quality import calibrated, judged, write_quality
from training._vision_score import logits_of
from training._vision_train import Plan, fit
from training._vision_unknowns import other_sets, told_apart

SHAPE = Shape(side_px=128, stem=32, widths=(96, 192, 256, 256), depths=(2, 2, 2, 1))
# What is learned from smaller pictures is learned quicker.
PLAN = Plan(
    epochs=32,
    sides_px=((0.0, 64), (0.25, 96), (0.5, 128)),
    batch=500,
    muon_rate=0.06,
    rate=0.04,
    is_settled_changed=True,
)


def main() -> None:
    options = _options()
    if not options.score_only:
        _teach(options)
    results = evaluate(options.out, options.data, options.split)
    write_quality(options.out, options.split, results)
    print(json.dumps({"split": options.split, **results}))


def _teach(options: argparse.Namespace) -> None:
    """Train and export, with what is fitted on the pictures held out."""
    torch.manual_seed(20)
    train = read_cifar(options.data, "train")
    model = new_classifier(train.names, SHAPE)
    material = everyday(train, options.data)
    fit(model, material, replace(PLAN, processes=options.processes), augment=augment, work=options.work)
    strange = torch.cat(strangers(options.data, "val"))
    calibration = calibrated(model, read_cifar(options.data, "val"), strange, SHAPE.side_px)
    export(model, SHAPE, options.out, calibration | {"resolution_px": RESOLUTION_PX})


def evaluate(folder: Path, data: Path, split: str) -> dict:
    """The exported model's figures on one split; those of "test" say how it takes pictures of other sets, too."""
    model, calibration, pictures = load(folder), load_calibration(folder), read_cifar(data, split)
    logits = logits_of(model, pictures.pictures, SHAPE.side_px)
    figures = judged(logits, pictures.labels, calibration)
    if split == "test":
        sets = other_sets(data, RESOLUTION_PX)
        others = {name: logits_of(model, each, SHAPE.side_px) for name, each in sets.items()}
        figures["unknown"] = told_apart(logits, others, calibration["unknown_below"])
    return figures


def augment(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Mirrored, moved, a part hidden."""
    return cut_out(shifted(flipped(pictures, generator), 4, generator), 12, generator), targets


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10 and bccd")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--work", type=Path, default=Path("var/starter-vision"), help="checkpoints")
    parser.add_argument("--processes", type=int, default=2, help="one thread each")
    parser.add_argument("--score-only", action="store_true", help="score the folder as it is")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
