"""The bundled reader of chest X-rays: what its card says is what it does."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.calibration import read_calibration
from core.catalog import read_catalog
from core.device import Device
from core.types import ImageItem

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "models" / "starter-chest-xray"
DATA = ROOT.parent / "shared" / "data"
MAX_FOLDER_BYTES = 12_000_000
CPU = Device("cpu", "CPU", "float32", 0)

pytestmark = pytest.mark.starters


@pytest.fixture(scope="module")
def reported():
    return json.loads((FOLDER / "quality.json").read_text("utf-8"))


def test_the_folder_is_small_and_its_card_and_row_tell_of_these_weights(reported):
    card = (FOLDER / "README.md").read_text("utf-8")
    checksum = hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert checksum in card
    assert read_catalog().spec("starter-chest-xray").sha256["model.safetensors"] == checksum
    for part in ("test", "held out"):
        figures = reported[part]
        for name, found in figures["points"].items():
            line = next(line for line in card.splitlines() if line.startswith(f"| {part} | {name} |"))
            for key in ("sensitivity", "specificity", "accuracy"):
                low, high = found[f"{key}_interval"]
                assert f"{100 * found[key]:.1f} ({100 * low:.1f} - {100 * high:.1f})" in line
        assert f"| {part} | {figures['auc']:.3f} |" in card
    assert "diagnos" not in card.casefold().replace("no diagnosis", "")


def test_the_operating_points_carry_what_was_measured_on_the_test_split(reported):
    calibration = read_calibration(FOLDER)

    points = {point.point_id: point for point in calibration.operating_points}
    low, high = calibration.not_sure

    assert list(points) == ["sensitive", "balanced", "specific"]
    assert low <= points["balanced"].threshold <= high
    for name, point in points.items():
        found = reported["test"]["points"][name]
        assert (point.threshold, point.sensitivity) == (found["threshold"], found["sensitivity"])
        assert point.specificity_interval == tuple(found["specificity_interval"])
        assert "624 test X-rays" in point.measured_on


@pytest.mark.skipif(
    not (DATA / "chest-xray-pneumonia").is_dir(), reason="the X-rays lie outside the repository"
)
def test_the_quality_on_the_test_split_is_reproduced(reported):
    data = pytest.importorskip("training._medical_data")
    score = pytest.importorskip("training._medical_score")
    logits_of = pytest.importorskip("training._vision_score").logits_of
    load = pytest.importorskip("training._vision_model").load
    calibration, test = read_calibration(FOLDER), data.read_chest(DATA, test=True)
    places = {point.point_id: point.threshold for point in calibration.operating_points}

    logits = logits_of(load(FOLDER), test.tensor(), data.CHEST_PX)
    found = score.quality_of(logits, test.labels, calibration.temperature, places)

    assert found["auc"] == pytest.approx(reported["test"]["auc"], abs=0.002)
    assert found["ece of three"] == pytest.approx(reported["test"]["ece of three"], abs=0.005)
    for name, point in found["points"].items():
        assert point["accuracy"] == pytest.approx(reported["test"]["points"][name]["accuracy"], abs=0.005)


@pytest.mark.skipif(
    not (DATA / "chest-xray-pneumonia").is_dir(), reason="the X-rays lie outside the repository"
)
def test_the_engine_gives_the_scores_that_were_measured():
    engines = pytest.importorskip("core.engines.image_classification")
    data = pytest.importorskip("training._medical_data")
    logits_of = pytest.importorskip("training._vision_score").logits_of
    load = pytest.importorskip("training._vision_model").load
    held_out = data.read_chest(DATA, folds=range(8, 9))
    some = data.Greys(held_out.pictures[:8], held_out.labels[:8])
    engine = engines.load(read_catalog().spec("starter-chest-xray"), FOLDER, CPU)

    answers = engine.predict([ImageItem(np.stack([grey] * 3, axis=2)) for grey in some.pictures])
    engine.close()

    logits = logits_of(load(FOLDER), some.tensor(), data.CHEST_PX)
    wanted = (logits / read_calibration(FOLDER).temperature).softmax(1)
    assert answers[0].labels == data.CHEST_LABELS
    assert torch.allclose(torch.tensor(np.stack([answer.scores for answer in answers])), wanted, atol=2e-2)
