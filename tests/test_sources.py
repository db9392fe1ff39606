"""Where weights are looked for, and how they are checked."""

import hashlib
import subprocess
import sys
import types
from pathlib import Path

import pytest

from core import hub_cache, sources
from core.catalog import ModelSpec
from core.errors import ModelLoadError
from core.types import Tier
from tests.tiny_models import spec_of, write_safetensors

ROOT = Path(__file__).parent.parent


def bundled(**more) -> ModelSpec:
    return ModelSpec(
        model_id="starter",
        roles=("embedder",),
        task="embedding",
        tier=Tier.STARTER,
        license="MIT",
        size_mb=1,
        languages=("en",),
        title="Starter",
        **({"folder": "starter"} | more),
    )


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)


def test_a_bundled_model_is_found_in_the_assets(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BUNDLED", tmp_path)
    assert sources.locate(bundled(), models_dir=tmp_path) is None

    (tmp_path / "starter").mkdir()

    assert sources.locate(bundled(), models_dir=tmp_path) == tmp_path / "starter"


def test_a_packaged_model_is_found_in_its_package(tmp_path, monkeypatch):
    package = types.ModuleType("weights_of_a_package")
    package.__spec__ = types.SimpleNamespace(name=package.__name__)
    package.get_model_path = lambda: str(tmp_path)
    monkeypatch.setitem(sys.modules, package.__name__, package)

    assert sources.locate(bundled(folder=None, package=package.__name__), models_dir=tmp_path) == tmp_path


def test_a_package_that_is_not_installed_is_not_there(tmp_path):
    assert sources.locate(bundled(folder=None, package="no_such_package"), models_dir=tmp_path) is None


def test_a_local_copy_is_used_when_its_weights_are_whole(tmp_path):
    copy = tmp_path / "tiny"
    copy.mkdir()
    assert sources.locate(spec_of(), models_dir=tmp_path) is None

    write_safetensors(copy / "model.safetensors", 1000)
    assert sources.locate(spec_of(), models_dir=tmp_path) == copy

    (copy / "model.safetensors").write_bytes((copy / "model.safetensors").read_bytes()[:-1])
    assert sources.locate(spec_of(), models_dir=tmp_path) is None


def test_a_copy_that_lacks_a_shard_is_not_whole(tmp_path):
    copy = tmp_path / "tiny"
    copy.mkdir()
    write_safetensors(copy / "model-1.safetensors", 1000)
    (copy / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}'
    )

    assert not hub_cache.is_whole(copy)
    write_safetensors(copy / "model-2.safetensors", 1000)
    assert hub_cache.is_whole(copy)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 64, b"\2\0\0\0\0\0\0\0[]", b"\2\0\0\0\0\0\0\0{}more"]
)
def test_a_file_that_is_no_safetensors_is_not_whole(tmp_path, content):
    (tmp_path / "model.safetensors").write_bytes(content)

    assert not hub_cache.is_whole(tmp_path)


def test_nothing_is_found_in_an_empty_cache(tmp_path):
    assert sources.locate(spec_of(), models_dir=tmp_path) is None
    assert sources.locate(spec_of(revision="a" * 40), models_dir=tmp_path) is None


def test_weights_with_the_right_checksum_pass_and_are_read_once(tmp_path, monkeypatch):
    spec = bundled(sha256={"model.safetensors": hashlib.sha256(b"weights").hexdigest()})
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    sources.check(spec, tmp_path)

    monkeypatch.setattr(Path, "open", lambda *_arguments: pytest.fail("was read again"))

    sources.check(spec, tmp_path)


@pytest.mark.parametrize("content", [b"changed", None])
def test_weights_that_are_damaged_or_missing_are_refused(tmp_path, content):
    spec = bundled(sha256={"model.safetensors": hashlib.sha256(b"weights").hexdigest()})
    if content:
        (tmp_path / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelLoadError, match=r"model.safetensors of Starter is missing or damaged") as caught:
        sources.check(spec, tmp_path)

    assert caught.value.params["reason"] == "corrupt"


def test_copies_in_other_formats_are_not_wanted():
    names = [
        *("config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"),
        *("onnx/model.onnx", "openvino/openvino_model.bin", "2_Dense/pytorch_model.bin", "rust_model.ot"),
    ]

    assert hub_cache.wanted(names, spec_of()) == [
        "config.json",
        "model.safetensors",
        "2_Dense/pytorch_model.bin",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HF_HUB_CACHE": "/a"}, "/a"),
        ({"HF_HOME": "/b"}, "/b/hub"),
        ({"HF_HOME": "", "XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_hubs_library_has_it(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert hub_cache.cache_folder() == Path(expected)


def test_importing_sources_brings_neither_the_hubs_library_nor_torch():
    code = "import sys, core.sources; print({'torch', 'huggingface_hub', 'httpx2'} & set(sys.modules))"

    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "set()"


def test_the_hubs_library_neither_reports_on_us_nor_bypasses_our_time_outs():
    code = (
        "import core.sources; from huggingface_hub import constants as c; "
        "print(c.HF_HUB_DISABLE_TELEMETRY, c.HF_HUB_DISABLE_XET)"
    )

    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert seen.stdout.split() == ["True", "True"]
