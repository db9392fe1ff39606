"""The bundled classifier of groceries: what its card says is what the engine gives."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from core.catalog import read_catalog
from core.device import Device
from core.engines import load_engine
from core.scenarios.images.labels import PRODUCTS
from core.sources import BUNDLED
from core.types import ImageItem

DATA = Path(__file__).parents[2] / "shared" / "data"
FOLDER = BUNDLED / "starter-grocery"
CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
MAX_FOLDER_BYTES = 12_000_000

pytestmark = pytest.mark.starters


@pytest.fixture(scope="module")
def reported():
    return json.loads((FOLDER / "quality.json").read_text("utf-8"))["test"]


@pytest.fixture(scope="module")
def engine():
    loaded = load_engine(read_catalog().spec("starter-grocery"), FOLDER, CPU)
    yield loaded
    loaded.close()


def test_its_labels_are_the_products(engine):
    [answer] = engine.predict([ImageItem(np.full((120, 90, 3), 200, np.uint8))])

    assert answer.labels == PRODUCTS
    assert answer.features.shape == (384,)


def test_the_folder_stays_small_and_the_card_tells_of_these_weights_and_figures(reported):
    card = (FOLDER / "README.md").read_text("utf-8")
    digest = hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert digest in card
    assert read_catalog().spec("starter-grocery").sha256["model.safetensors"] == digest
    assert f"| 81 products | {reported['accuracy']:.4f} |" in card
    assert f"| 43 kinds | {reported['coarse']['accuracy']:.4f} |" in card
    assert f"| calibration error | {reported['calibration_error']:.4f} |" in card


@pytest.mark.skipif(
    not (DATA / "grocery-store").is_dir(), reason="the evaluation data lies outside the repository"
)
def test_the_quality_on_a_sample_of_the_test_split_is_reproduced(engine, reported):
    groceries = pytest.importorskip("training._vision_grocery")
    sample = groceries.read_shelf(DATA, "test", at_most=reported["sample"]["pictures"]).fine

    found = engine.predict([ImageItem(pixels) for pixels in sample.pictures.permute(0, 2, 3, 1).numpy()])
    guesses = np.array([answer.scores.argmax() for answer in found])

    assert (guesses == sample.labels.numpy()).mean() == pytest.approx(
        reported["sample"]["accuracy"], abs=0.006
    )
