"""The engine for labels of one's own with tiny models of random weights: what it must do whatever the weights are."""

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, AutoModel

from core.catalog import ModelSpec
from core.device import Device
from core.engines import load_engine
from core.errors import InferenceError, InvalidInputError
from core.types import ImageItem, Tier
from tests import tiny_classifiers
from tests.tiny_classifiers import SIDE_PX

CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
LABELS = ("cat", "red bicycle", "mug")
SPEC = ModelSpec(
    model_id="tiny",
    roles=("zero-shot-image",),
    task="zero-shot-image-classification",
    tier=Tier.HUB,
    license="MIT",
    size_mb=1,
    languages=("en",),
    title="Tiny zero-shot",
    repo_id="org/tiny",
)


def picture(height_px, width_px, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


PICTURES = [picture(90, 70), picture(1, 1), picture(10, 3000), np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)]


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    tiny_classifiers.write_zero_shot(folder, request.param)
    return folder


@pytest.fixture(scope="module")
def engine(folder):
    engine = load_engine(SPEC, folder, CPU)
    yield engine
    engine.close()


def test_every_picture_chooses_between_its_own_labels(engine):
    wanted = [LABELS, ("dog", "mug"), ("狗",), LABELS[::-1]]
    items = [ImageItem(each, labels=labels) for each, labels in zip(PICTURES, wanted, strict=True)]

    for scores, labels in zip(engine.predict(items), wanted, strict=True):
        assert scores.labels == labels
        assert scores.scores.shape == (len(labels),)
        assert scores.scores.sum() == pytest.approx(1, abs=1e-5)


def test_every_picture_gives_the_same_alone_as_in_company_and_with_saliency(engine):
    items = [ImageItem(each, wants_saliency=i % 2 == 0, labels=LABELS) for i, each in enumerate(PICTURES * 2)]

    together = engine.predict(items)

    for item, scores in zip(items, together, strict=True):
        alone = engine.predict([ImageItem(item.pixels, not item.wants_saliency, labels=LABELS)])[0]
        np.testing.assert_allclose(alone.scores, scores.scores, atol=1e-5)
        assert alone.energy == pytest.approx(scores.energy, abs=1e-4)


def test_logits_are_those_of_transformers_alone(engine, folder):
    model = AutoModel.from_pretrained(folder).eval()
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.inference_mode():
        logits = model(
            **engine._tokens(list(LABELS)),
            pixel_values=processor(PICTURES[0], return_tensors="pt").pixel_values,
        ).logits_per_image[0]

    found = engine.predict([ImageItem(PICTURES[0], labels=LABELS)])[0]

    np.testing.assert_allclose(found.scores, logits.softmax(0).numpy(), atol=1e-5)
    assert found.energy == pytest.approx(logits.logsumexp(0).item(), abs=1e-3)


def test_the_order_of_labels_does_not_matter(engine):
    one, other = (
        engine.predict([ImageItem(PICTURES[0], labels=order)])[0] for order in (LABELS, LABELS[::-1])
    )

    np.testing.assert_allclose(one.scores, other.scores[::-1], atol=1e-5)


def test_saliency_lies_over_the_pixels_that_were_seen_and_explains_the_target(engine):
    items = [ImageItem(PICTURES[0], True, target, LABELS) for target in (0, 1)]

    first, second = engine.predict(items)

    assert first.saliency.shape == first.seen.shape[:2] == (SIDE_PX, SIDE_PX)
    assert 0 <= first.saliency.min() <= first.saliency.max() <= 1
    assert np.abs(first.saliency - second.saliency).max() > 0.01


def test_labels_are_embedded_once(engine, monkeypatch):
    engine.predict([ImageItem(PICTURES[0], labels=LABELS)])
    monkeypatch.setattr(engine._model, "get_text_features", None)

    assert len(engine.predict([ImageItem(PICTURES[1], labels=LABELS[:2])])) == 1


def test_a_single_label_has_all_the_score_and_a_map(engine):
    found = engine.predict([ImageItem(PICTURES[0], True, labels=("cat",))])[0]

    assert found.scores.tolist() == [1.0]
    assert np.isfinite(found.saliency).all()


def test_a_picture_without_labels_is_refused_with_a_sentence(engine):
    with pytest.raises(InvalidInputError, match="at least one"):
        engine.predict([ImageItem(PICTURES[0])])


def test_scores_that_are_not_numbers_are_an_error(folder):
    engine = load_engine(SPEC, folder, CPU)
    engine._model.logit_scale.data.fill_(float("nan"))

    with pytest.raises(InferenceError, match="Tiny zero-shot"):
        engine.predict([ImageItem(PICTURES[0], labels=LABELS)])
