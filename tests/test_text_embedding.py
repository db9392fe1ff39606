"""The engine of sentence encoders, with a tiny one of random weights: what a text's neighbours in a batch change."""

import numpy as np
import pytest

from core.device import Device
from core.engines import _packing, text_embedding
from core.types import EmbeddingItem
from tests.tiny_models import spec_of, write_sentence_encoder

CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
TEXTS = ("hello", "hub " * 40, "", "hello hub", "hub hello hello " * 9, "hub", "unknown words", "hello " * 25)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "hub" / "org" / "encoder"
    folder.mkdir(parents=True)
    write_sentence_encoder(folder)
    return text_embedding.load(spec_of(), folder, CPU)


def vectors(encoder, texts):
    return np.stack(encoder.predict([EmbeddingItem(text) for text in texts]))


@pytest.fixture
def shapes(encoder):
    """The shapes of what the model reads."""
    read = []
    hook = encoder._model[0].register_forward_pre_hook(
        lambda module, given: read.append(tuple(given[0]["input_ids"].shape))
    )
    yield read
    hook.remove()


@pytest.mark.parametrize("row_tokens", [512, 50, 1])
def test_a_text_has_the_same_vector_in_a_batch_as_alone(encoder, monkeypatch, row_tokens):
    monkeypatch.setattr(_packing, "ROW_TOKENS", row_tokens)

    together = vectors(encoder, TEXTS)
    alone = np.concatenate([vectors(encoder, [text]) for text in TEXTS])

    assert together == pytest.approx(alone, abs=1e-6)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)


def test_short_and_long_texts_are_read_in_one_row_without_padding(encoder, shapes):
    vectors(encoder, ["hello", "hub " * 40, "hub"])

    assert shapes == [(1, 3 + 42 + 3)]


def test_texts_of_about_the_same_length_are_read_side_by_side(encoder, shapes):
    vectors(encoder, ["hello hub"] * 5 + ["hub"])

    assert shapes == [(6, 4)]


def test_a_row_is_only_so_long(encoder, shapes, monkeypatch):
    monkeypatch.setattr(_packing, "ROW_TOKENS", 20)

    vectors(encoder, ["hello", "hub", "hub " * 40, "hello"])

    assert shapes == [(1, 6), (1, 42), (1, 3)]


def test_what_reads_one_way_or_has_another_attention_is_not_packed(encoder, monkeypatch):
    config = encoder._model[0].config

    assert _packing.can_pack(encoder._model)
    for name, value in {
        "model_type": "xlm-roberta",
        "is_decoder": True,
        "_attn_implementation": "eager",
    }.items():
        with monkeypatch.context() as changed:
            changed.setattr(config, name, value)
            assert not _packing.can_pack(encoder._model)
