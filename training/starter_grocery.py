"""Train starter-grocery: 81 products of a grocery shop, beginning with a look at everyday things.

    python -m training.starter_grocery --data ../shared/data --out assets/models/starter-grocery

A run that was stopped goes on from its last checkpoint in --work; `--score-only` trains nothing and scores what is in
--out. The last line printed is a JSON result.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Generator, Tensor
from transformers import ResNetForImageClassification

from training._vision_augment import (
    cut_out,
    flipped,
    mixed,
    pasted,
    recoloured,
    resized_crops,
    shifted,
    tinted,
)
from training._vision_data import read_cifar
from training._vision_everyday import everyday
from training._vision_grocery import SIDE_PX, Shelf, read_shelf
from training._vision_model import Shape, begin_from, export, load, load_calibration, new_classifier
from training._vision_quality import calibrated, judged, write_quality
from training._vision_score import accuracy, logits_of
from training._vision_train import Material, Plan, fit

# It learns from smaller pictures than it is used on: a cut-out enlarged to the same size shows things larger than they
# will be (Touvron et al. 2019), and small is quick.
SHAPE = Shape(side_px=SIDE_PX, stem=64, widths=(128, 256, 384), depths=(1, 2, 1))
SIDES_PX = ((0.0, 64), (0.5, 80))
# 2,640 photographs are too few to learn to see from: first come the 45,000 of CIFAR-10.
FIRST_PLAN = Plan(epochs=14, sides_px=((0.0, 48), (0.35, 64)), batch=500)


def main() -> None:
    options = _options()
    if not options.score_only:
        _teach(options)
    results = evaluate(options.out, read_shelf(options.data, options.split))
    write_quality(options.out, options.split, results)
    print(json.dumps({"split": options.split, **results}))


def _teach(options: argparse.Namespace) -> None:
    """Train and export, with what is fitted on the pictures held out."""
    torch.manual_seed(20)
    train = read_shelf(options.data, "train").fine
    model = new_classifier(train.names, SHAPE)
    if not options.from_scratch:
        begin_from(model, _taught_everyday(options))
    plan = Plan(
        epochs=options.epochs,
        sides_px=SIDES_PX,
        settled_px=SHAPE.side_px,
        processes=options.processes,
        batch=192,
        muon_rate=0.05,
        rate=0.03,
        averaged=0.99,
    )
    fit(model, Material(train.pictures, train.labels), plan, augment=augment, work=options.work)
    calibration = calibrated(model, read_shelf(options.data, "val").fine, None, SHAPE.side_px)
    export(model, SHAPE, options.out, calibration | {"resolution_px": SIDE_PX})


def augment(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Another cut, mirrored, turned, in another light; then half of the batches blended, half pasted together."""
    cut = resized_crops(flipped(pictures, generator), generator, smallest=0.25, turn_degrees=20)
    lit = tinted(recoloured(cut, generator, light=0.4, contrast=0.4, colour=0.4), 0.1, generator)
    hidden = cut_out(lit, 32, generator)
    mix = mixed if torch.rand(1, generator=generator) < 0.5 else pasted
    return mix(hidden, targets, generator)


def _taught_everyday(options: argparse.Namespace) -> ResNetForImageClassification:
    photographs = read_cifar(options.data, "train")
    model = new_classifier(photographs.names, SHAPE)
    plan = replace(FIRST_PLAN, processes=options.processes)
    material = everyday(photographs, options.data)
    return fit(model, material, plan, augment=augment_everyday, work=options.work / "everyday")


def augment_everyday(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Mirrored, moved, a part hidden."""
    return cut_out(shifted(flipped(pictures, generator), 3, generator), 8, generator), targets


def evaluate(folder: Path, shelf: Shelf) -> dict:
    """The exported model's figures on one split, for the 81 products and for their 43 kinds."""
    logits = logits_of(load(folder), shelf.fine.pictures, SHAPE.side_px)
    kinds = accuracy(shelf.coarse(logits.softmax(1)), shelf.coarse_of[shelf.fine.labels])
    figures = judged(logits, shelf.fine.labels, load_calibration(folder))
    return {key: value for key, value in figures.items() if key != "confusion"} | {"coarse": kinds}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with grocery-store, cifar10 and bccd"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--work", type=Path, default=Path("var/starter-grocery"), help="checkpoints")
    parser.add_argument("--from-scratch", action="store_true", help="begin with random weights instead")
    parser.add_argument("--epochs", type=float, default=110)
    parser.add_argument("--processes", type=int, default=2, help="one thread each")
    parser.add_argument("--score-only", action="store_true", help="score the folder as it is")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
