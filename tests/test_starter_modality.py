"""The bundled gate before the chest X-ray reader: what its card says is what it does."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from core.calibration import read_calibration
from core.catalog import read_catalog
from core.device import Device
from core.scenarios.triage import gate, phantoms
from core.types import ImageItem

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "models" / "starter-modality"
DATA = ROOT.parent / "shared" / "data"
MAX_FOLDER_BYTES = 4_000_000
CPU = Device("cpu", "CPU", "float32", 0)

pytestmark = pytest.mark.starters
needs_data = pytest.mark.skipif(
    not (DATA / "medical-mnist").is_dir() or not (DATA / "chest-xray-pneumonia").is_dir(),
    reason="the pictures lie outside the repository",
)


@pytest.fixture(scope="module")
def engine():
    engines = pytest.importorskip("core.engines.image_classification")
    engine = engines.load(read_catalog().spec("starter-modality"), FOLDER, CPU)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def reported():
    return json.loads((FOLDER / "quality.json").read_text("utf-8"))


def refused(engine, pictures):
    """The share of RGB pictures (n, height, width, 3) that the triage page would not read, for their kind."""
    calibration = read_calibration(FOLDER)
    answers = engine.predict([ImageItem(np.ascontiguousarray(picture)) for picture in pictures])
    return np.mean([gate.refuse_kind(scores, calibration) is not None for scores in answers])


def test_the_folder_is_small_and_its_card_and_row_tell_of_these_weights(reported):
    card = (FOLDER / "README.md").read_text("utf-8")
    checksum = hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert checksum in card
    assert read_catalog().spec("starter-modality").sha256["model.safetensors"] == checksum
    for name, found in reported["test"]["accepted"].items():
        low, high = found["interval"]
        row = f"| {name} | {found['pictures']} | {100 * found['accepted']:.1f} ({100 * low:.1f} - {100 * high:.1f})"
        assert row in card


def test_empty_pictures_and_noise_are_refused(engine):
    random = np.random.default_rng(3)
    empty = [np.full((200, 150, 3), tone, np.uint8) for tone in (0, 40, 128, 255)]
    noise = [np.repeat(random.integers(0, 256, (128, 128, 1), np.uint8), 3, 2) for _ in range(20)]

    assert refused(engine, empty) == 1
    assert refused(engine, noise) >= 0.95


def test_the_pages_own_phantoms_pass_upright_and_are_refused_on_their_side(engine):
    drawn = [phantoms.phantom(seed, opacity=bool(seed % 2)) for seed in range(1, 9)]

    assert refused(engine, drawn) == 0
    assert refused(engine, [np.rot90(picture) for picture in drawn]) == 1


@needs_data
def test_hands_and_slices_of_the_test_split_are_refused(engine):
    data = pytest.importorskip("training._medical_data")
    kinds = data.read_kinds(DATA, "test")
    others = kinds.pictures[(kinds.labels != data.CHEST_KIND).numpy()][:300]

    assert refused(engine, np.repeat(others[..., None], 3, 3)) >= 0.98


@needs_data
def test_chest_x_rays_of_the_test_split_pass(engine, reported):
    data = pytest.importorskip("training._medical_data")
    chests = data.read_chest(DATA, test=True).pictures[:200]
    accepted = reported["test"]["accepted"]["children's chest X-rays"]["accepted"]

    assert 1 - refused(engine, np.repeat(chests[..., None], 3, 3)) == pytest.approx(accepted, abs=0.02)
