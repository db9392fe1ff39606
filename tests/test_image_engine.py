"""The engine for pictures with tiny models of random weights: what it must do whatever the weights are."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, AutoModelForImageClassification

from core.catalog import ModelSpec
from core.device import Device
from core.engines import load_engine
from core.errors import InferenceError, ModelLoadError
from core.types import ImageItem, Tier
from tests import tiny_classifiers
from tests.tiny_classifiers import KINDS, LABELS, SIDE_PX

CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
FAST_CPU = replace(CPU, dtype="bfloat16")
SPEC = ModelSpec(
    model_id="tiny",
    roles=("image-classifier",),
    task="image-classification",
    tier=Tier.STARTER,
    license="Apache-2.0",
    size_mb=1,
    languages=(),
    title="Tiny classifier",
    folder="tiny",
)


def picture(height_px, width_px, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


PICTURES = [
    picture(SIDE_PX, SIDE_PX),
    picture(1, 1),
    picture(10, 5000),
    picture(5000, 10),
    picture(300, 200),
    picture(3, 4),
    np.zeros((80, 80, 3), np.uint8),
    np.full((33, 70, 3), 255, np.uint8),
]


def written(folder, kind="resnet", **more):
    tiny_classifiers.write_classifier(folder, kind, **more)
    return folder


@pytest.fixture(scope="module", params=KINDS)
def folder(request, tmp_path_factory):
    return written(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(params=[CPU, FAST_CPU], ids=["float32", "bfloat16"])
def engine(folder, request):
    engine = load_engine(SPEC, folder, request.param)
    yield engine
    engine.close()


def test_every_picture_gives_the_same_alone_as_in_company(engine):
    items = [ImageItem(pixels, wants_saliency=i % 3 == 0) for i, pixels in enumerate(PICTURES * 2)]

    together = engine.predict(items)

    for item, scores in zip(items, together, strict=True):
        alone = engine.predict([item])[0]
        np.testing.assert_allclose(alone.scores, scores.scores, atol=1e-5)
        np.testing.assert_allclose(alone.features, scores.features, rtol=1e-4, atol=1e-4)
        assert alone.energy == pytest.approx(scores.energy, abs=1e-4)


def test_scores_are_probabilities_with_the_labels_of_the_model(engine):
    for scores in engine.predict([ImageItem(pixels) for pixels in PICTURES]):
        assert scores.labels == LABELS
        assert scores.scores.shape == (4,)
        assert scores.scores.dtype == np.float32
        assert scores.scores.sum() == pytest.approx(1, abs=1e-5)
        assert scores.features.dtype == np.float32
        assert np.isfinite(scores.features).all()
        assert scores.saliency is None
        assert scores.seen is None


def test_saliency_lies_over_the_pixels_that_were_seen(engine):
    for scores in engine.predict([ImageItem(pixels, wants_saliency=True) for pixels in PICTURES]):
        assert scores.saliency.shape == scores.seen.shape[:2] == (SIDE_PX, SIDE_PX)
        assert scores.seen.dtype == np.uint8
        assert scores.saliency.dtype == np.float32
        assert 0 <= scores.saliency.min() <= scores.saliency.max() <= 1


def test_the_same_scores_come_with_saliency_as_without(engine):
    plain, explained = engine.predict([ImageItem(PICTURES[4]), ImageItem(PICTURES[4], wants_saliency=True)])

    np.testing.assert_allclose(plain.scores, explained.scores, atol=1e-5)


def test_saliency_explains_the_label_that_was_asked_for(engine):
    items = [ImageItem(PICTURES[4], wants_saliency=True, target=target) for target in (None, 0, 1, 2, 3)]

    likeliest, *others = [scores.saliency for scores in engine.predict(items)]

    best = engine.predict(items[:1])[0].scores.argmax()
    np.testing.assert_allclose(likeliest, others[best], atol=1e-3)
    assert max(np.abs(others[best] - each).max() for each in others) > 0.05


def test_what_was_seen_is_seen_unchanged_again(engine):
    first = engine.predict([ImageItem(PICTURES[4], wants_saliency=True)])[0]

    again = engine.predict([ImageItem(first.seen, wants_saliency=True)])[0]

    np.testing.assert_array_equal(first.seen, again.seen)
    np.testing.assert_allclose(first.scores, again.scores, atol=1e-5)


def test_scores_are_those_of_transformers_alone(folder):
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    inputs = processor(PICTURES[4], return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        expected = model(inputs).logits.softmax(1)[0].numpy()

    found = load_engine(SPEC, folder, CPU).predict([ImageItem(PICTURES[4])])[0]

    np.testing.assert_allclose(found.scores, expected, atol=1e-5)


def test_bfloat16_changes_scores_by_little(folder):
    items = [ImageItem(pixels) for pixels in PICTURES]

    exact, fast = (load_engine(SPEC, folder, device).predict(items) for device in (CPU, FAST_CPU))

    for one, other in zip(exact, fast, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=0.05)


def test_a_temperature_softens_the_scores_and_leaves_the_energy(tmp_path):
    sharp = load_engine(SPEC, written(tmp_path / "sharp"), CPU)
    soft = load_engine(SPEC, written(tmp_path / "soft", calibration={"temperature": 2.0}), CPU)

    (one,), (other,) = (engine.predict([ImageItem(PICTURES[0])]) for engine in (sharp, soft))

    expected = np.sqrt(one.scores) / np.sqrt(one.scores).sum()
    np.testing.assert_allclose(other.scores, expected, atol=1e-5)
    assert one.energy == pytest.approx(other.energy)


def test_a_resolution_cuts_the_middle_square_and_shrinks_it(tmp_path):
    engine = load_engine(SPEC, written(tmp_path / "small", calibration={"resolution_px": 16}), CPU)
    wide = np.concatenate(
        [np.zeros((90, 60, 3), np.uint8), picture(90, 90), np.zeros((90, 60, 3), np.uint8)], axis=1
    )

    whole, middle, again = (
        engine.predict([ImageItem(pixels, wants_saliency=True)])[0]
        for pixels in (wide, wide[:, 60:150], engine.predict([ImageItem(wide, wants_saliency=True)])[0].seen)
    )

    assert whole.seen.shape == (16, 16, 3)
    assert whole.saliency.shape == (16, 16)
    np.testing.assert_array_equal(whole.seen, middle.seen)
    np.testing.assert_array_equal(whole.seen, again.seen)
    np.testing.assert_array_equal(whole.scores, again.scores)


def test_scores_that_are_not_numbers_are_an_error_and_no_answer(tmp_path):
    tiny_classifiers.spoil(written(tmp_path))
    engine = load_engine(SPEC, tmp_path, CPU)

    for wants_saliency in (False, True):
        with pytest.raises(InferenceError, match="Tiny classifier"):
            engine.predict([ImageItem(PICTURES[0], wants_saliency)])


def test_a_batch_larger_than_the_cores_is_answered_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    engine = load_engine(SPEC, written(tmp_path), CPU)
    items = [ImageItem(picture(40, 40, seed)) for seed in range(11)]

    together = engine.predict(items)

    for item, scores in zip(items, together, strict=True):
        np.testing.assert_allclose(engine.predict([item])[0].scores, scores.scores, atol=1e-5)
    engine.close()


def test_a_folder_with_weights_left_out_is_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    weights = load_file(written(tmp_path) / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if "stages.1" not in name}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelLoadError, match="weights are missing"):
        load_engine(SPEC, tmp_path, CPU)


def test_a_damaged_file_is_a_sentence(tmp_path):
    whole = (written(tmp_path) / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ModelLoadError, match="Tiny classifier"):
        load_engine(SPEC, tmp_path, CPU)


def test_a_calibration_of_unknown_keys_is_refused(tmp_path):
    with pytest.raises(ModelLoadError, match="unknown keys"):
        load_engine(SPEC, written(tmp_path, calibration={"tempreature": 2}), CPU)
