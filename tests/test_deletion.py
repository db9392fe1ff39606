"""The deletion check: it passes where the score hangs on the hot area, and fails where it does not."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.catalog import Catalog, ModelSpec
from core.device import Device
from core.pool import ModelPool
from core.scenarios.deletion import HOT_SHARE, RANDOM_MASKS, deletion_check, hot_area
from core.types import ImageItem, ImageScores, Tier

SPEC = ModelSpec(
    model_id="spotter",
    roles=("image-classifier",),
    task="image-classification",
    tier=Tier.STARTER,
    license="Apache-2.0",
    size_mb=1,
    languages=(),
    title="Spotter",
    folder="spotter",
)
SIDE = 20


class Spotter:
    """Scores "spot" by how much white there is in the upper left quarter, and keeps what it was asked."""

    device = Device("cpu", "CPU", "float32", budget_mb=100.0)

    def __init__(self) -> None:
        self.batches: list[list[ImageItem]] = []

    def predict(self, items: list[ImageItem]) -> list[ImageScores]:
        self.batches.append(items)
        return [self._scores(item) for item in items]

    def close(self) -> None:
        pass

    def _scores(self, item: ImageItem) -> ImageScores:
        spot = item.pixels[: SIDE // 2, : SIDE // 2].mean() / 255
        return ImageScores(("spot", "none"), np.array([spot, 1 - spot], np.float32), energy=0.0)


@pytest.fixture
def spotter():
    return Spotter()


@pytest.fixture
def models(spotter, tmp_path) -> Iterator[ModelPool]:
    pool = ModelPool(
        Catalog((SPEC,)),
        locate=lambda spec: tmp_path,
        download=lambda spec, cancel: iter(()),
        load=lambda spec, folder, device: spotter,
        detect_device=lambda: Spotter.device,
    )
    yield pool
    pool.close()


def picture():
    """White in the middle of the upper left quarter, black elsewhere."""
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[2:8, 2:8] = 255
    return pixels


def hot_at(rows, columns):
    saliency = np.zeros((SIDE, SIDE), np.float32)
    saliency[rows, columns] = 1.0
    return saliency


HERE = hot_at(slice(0, 9), slice(0, 9))
ELSEWHERE = hot_at(slice(11, 20), slice(11, 20))


def test_it_passes_where_the_score_hangs_on_the_hot_area(models):
    check = deletion_check(models, "image-classifier", picture(), HERE, 0)

    assert check.passes
    assert check.drop > 2 * np.mean(check.random_drops)


def test_it_fails_where_the_score_does_not_care_for_the_hot_area(models):
    check = deletion_check(models, SPEC, picture(), ELSEWHERE, 0)

    assert not check.passes
    assert check.drop < np.mean(check.random_drops)


def test_it_fails_where_the_score_rises_without_the_hot_area_though_it_rises_more_elsewhere(models):
    almost_nothing = np.zeros((SIDE, SIDE), np.float32)
    almost_nothing[11:20, 11:20] = 1.0

    check = deletion_check(models, SPEC, picture(), almost_nothing, 1)

    assert np.mean(check.random_drops) < check.drop <= 0
    assert not check.passes


def test_it_fails_where_the_map_is_flat(models):
    spot = np.zeros((SIDE, SIDE, 3), np.uint8)
    spot[:4, :] = np.linspace(255, 0, SIDE, dtype=np.uint8)[None, :, None]

    check = deletion_check(models, SPEC, spot, np.zeros((SIDE, SIDE), np.float32), 0)

    assert check.drop > max(0, np.mean(check.random_drops))
    assert not check.passes


def test_all_variants_are_asked_for_at_once_and_of_equal_size_and_shape(models, spotter):
    deletion_check(models, SPEC, picture(), HERE, 0, labels=("spot", "none"))

    whole, hot, *others = [item.pixels for batch in spotter.batches for item in batch]
    assert len(spotter.batches) <= 2  # the first may have begun before all were queued
    assert len(others) == RANDOM_MASKS
    assert all(item.labels == ("spot", "none") for batch in spotter.batches for item in batch)
    np.testing.assert_array_equal(whole, picture())
    assert not np.array_equal(hot, whole)


def test_the_same_seed_gives_the_same_check(models):
    first, again = (deletion_check(models, SPEC, picture(), HERE, 0, seed=3) for _ in range(2))

    assert first == again
    assert first.random_drops != deletion_check(models, SPEC, picture(), HERE, 0, seed=4).random_drops


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (20, 20), (64, 48)])
def test_the_hot_area_is_a_fifth_of_the_picture_whatever_the_shape_of_the_map(shape):
    saliency = np.random.default_rng(1).random(shape).astype(np.float32)

    mask = hot_area(saliency, (SIDE, 30))

    assert mask.shape == (SIDE, 30)
    assert mask.mean() == pytest.approx(HOT_SHARE)


def test_a_map_without_contrast_and_a_picture_of_one_pixel_have_a_check_too(models):
    check = deletion_check(models, SPEC, picture(), np.zeros((SIDE, SIDE), np.float32), 1)
    tiny = deletion_check(models, SPEC, np.full((1, 1, 3), 9, np.uint8), np.ones((1, 1), np.float32), 0)

    assert check.share_px == pytest.approx(HOT_SHARE)
    assert tiny.drop == 0
    assert not tiny.passes
