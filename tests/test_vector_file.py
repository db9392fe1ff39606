"""Vectors on disk: found again for the same texts and weights, for no others, and never believed when damaged."""

from dataclasses import replace

import numpy as np

from core.scenarios import vector_file
from tests.fakes import fake_catalog

SPECS = [replace(spec, sha256={"model.safetensors": "0" * 64}) for spec in fake_catalog().specs]


def test_vectors_come_back_for_the_same_texts_and_weights(tmp_path):
    path, vectors = tmp_path / "folder" / "kept.safetensors", np.eye(3, 4, dtype=np.float32)
    key = vector_file.fingerprint(["a", "b", "c"], SPECS)
    vector_file.write(path, key, vectors)

    assert np.array_equal(vector_file.read(path, key), vectors)


def test_other_texts_or_weights_have_another_fingerprint():
    key = vector_file.fingerprint(["a", "b"], SPECS)
    retrained = [replace(SPECS[0], sha256={"model.safetensors": "1" * 64}), SPECS[1]]

    assert vector_file.fingerprint(["a", "c"], SPECS) != key
    assert vector_file.fingerprint(["ab"], SPECS) != key
    assert vector_file.fingerprint(["a", "b"], retrained) != key


def test_weights_that_are_not_known_to_the_byte_keep_nothing():
    assert vector_file.fingerprint(["a"], list(fake_catalog().specs)) is None


def test_a_file_of_other_vectors_or_a_damaged_one_is_not_used(tmp_path):
    path = tmp_path / "kept.safetensors"
    vector_file.write(path, "one key", np.eye(2, dtype=np.float32))

    assert vector_file.read(path, "another key") is None
    path.write_bytes(path.read_bytes()[:20])
    assert vector_file.read(path, "one key") is None
    assert vector_file.read(tmp_path / "nowhere", "one key") is None


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path):
    (tmp_path / "file").write_text("in the way")

    vector_file.write(tmp_path / "file" / "kept.safetensors", "key", np.eye(2, dtype=np.float32))
    assert vector_file.read(tmp_path / "file" / "kept.safetensors", "key") is None
