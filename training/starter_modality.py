"""Train starter-modality: what kind of picture is this, and is it a frontal chest X-ray?

    python -m training.starter_modality --data ../shared/data --out assets/models/starter-modality

A run that was stopped goes on from its last checkpoint in --work. `--test` also scores the test splits.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from training._medical_data import CHEST_KIND, KIND_LABELS
from training._medical_kinds import SIDE_PX, Group, held_out, learned_from, unseen
from training._medical_train import KIND_PLAN, KIND_SHAPE, changed_kind
from training._vision_model import export, load, load_calibration, new_classifier
from training._vision_score import calibration_error, energy, fit_temperature, logits_of, wilson
from training._vision_train import OUTLIER, fit

LOST = 0.005  # of the held-out chest X-rays, of each origin, may have an energy under the threshold


def main() -> None:
    options = _options()
    torch.manual_seed(KIND_PLAN.seed)
    model = new_classifier(KIND_LABELS, KIND_SHAPE)
    if not options.score_only:
        fit(model, learned_from(options.data), KIND_PLAN, augment=changed_kind, work=options.work)
        export(model, KIND_SHAPE, options.out, {"resolution_px": SIDE_PX})
        _calibrate(options.out, options.data)
    results = {"held out": measure(options.out, options.data, test=False)}
    if options.test:
        results["test"] = measure(options.out, options.data, test=True)
        (options.out / "quality.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(json.dumps(results, indent=1))


def measure(folder: Path, data: Path, *, test: bool) -> dict:
    """How many of each group are taken for a frontal chest X-ray, and how well the seven labels are told apart."""
    groups, strangers = held_out(data, test=test), unseen(data, test=test)
    model = load(folder)
    calibration = load_calibration(folder)
    found, right, total, known = {}, 0, 0, []
    for name, group in (groups | strangers).items():
        logits = logits_of(model, group.pictures, SIDE_PX)
        passed = accepted(logits, calibration["unknown_below"])
        found[name] = {
            "pictures": len(passed),
            "accepted": round(float(passed.mean()), 4),
            "interval": wilson(int(passed.sum()), len(passed)),
        }
        if name in groups and group.label != OUTLIER:
            known.append((logits, torch.full((len(logits),), group.label)))
            right += int((logits.argmax(1) == group.label).sum())
            total += len(logits)
    logits, labels = (torch.cat(parts) for parts in zip(*known, strict=True))
    error = calibration_error((logits / calibration["temperature"]).softmax(1), labels)
    return {"accuracy": round(right / total, 4), "pictures": total, "ece": error, "accepted": found}


def accepted(logits: torch.Tensor, unknown_below: float) -> np.ndarray:
    """Which pictures pass as frontal chest X-rays: the likeliest label, and an energy as theirs."""
    return (logits.argmax(1) == CHEST_KIND).numpy() & (energy(logits) >= unknown_below)


def _calibrate(folder: Path, data: Path) -> None:
    """Write what is fitted on pictures held out: the temperature, and the energy that a chest X-ray has."""
    model, groups = load(folder), held_out(data, test=False)
    logits = {
        name: logits_of(model, group.pictures, SIDE_PX)
        for name, group in groups.items()
        if group.label != OUTLIER
    }
    labels = torch.cat([torch.full((len(rows),), groups[name].label) for name, rows in logits.items()])
    temperature = fit_temperature(torch.cat(list(logits.values())), labels)
    values = {
        "temperature": temperature,
        "resolution_px": SIDE_PX,
        "unknown_below": _threshold(groups, logits),
    }
    (folder / "calibration.json").write_text(json.dumps(values, indent=1) + "\n", "utf-8")


def _threshold(groups: dict[str, Group], logits: dict[str, torch.Tensor]) -> float:
    """The lowest of the energies that all but LOST of each origin's chest X-rays have."""
    chests = [energy(rows) for name, rows in logits.items() if groups[name].label == CHEST_KIND]
    return round(min(float(np.quantile(values, LOST)) for values in chests), 3)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets of pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--work", type=Path, default=Path("var/starter-modality"), help="checkpoints")
    parser.add_argument("--score-only", action="store_true", help="score the folder as it is")
    parser.add_argument("--test", action="store_true", help="score the test splits too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
