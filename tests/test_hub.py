"""Downloads from a fake model hub on loopback: the real code, the real library, only the internet is fake."""

import errno
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import hub, hub_client, sources
from core.catalog import ModelSpec
from core.errors import ModelLoadError
from core.hub_failures import DownloadCancelled
from core.types import Progress
from tests.fake_hub import TOKEN, FakeHub, Fault
from tests.tiny_models import WEIGHTS_BYTES, spec_of, write_repository, write_sentence_encoder

pytestmark = pytest.mark.hub

ALWAYS = 1000


@pytest.fixture
def fake_hub(tmp_path, monkeypatch) -> Iterator[FakeHub]:
    """A hub with the repository org/tiny, an empty cache of its own, and no patience."""
    write_repository(tmp_path / "hub" / "org" / "tiny")
    monkeypatch.setattr(hub, "BACKOFF_S", (0.0, 0.0))
    monkeypatch.setattr(hub, "SPARE_BYTES", 0)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with FakeHub(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def fetch(
    spec: ModelSpec | None = None, cancel: threading.Event | None = None
) -> tuple[Path, list[Progress]]:
    steps, seen = sources.download(spec or spec_of(), cancel=cancel or threading.Event()), []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def refusal(spec: ModelSpec | None = None) -> tuple[str, str]:
    """The reason and the sentence with which a download is refused."""
    with pytest.raises(ModelLoadError) as caught:
        fetch(spec)
    return caught.value.params["reason"], str(caught.value)


def found(spec: ModelSpec | None = None) -> Path | None:
    return sources.locate(spec or spec_of(), models_dir=Path("no-local-copies"))


def leftovers() -> list[Path]:
    return list(Path(os.environ["HF_HOME"]).rglob("*.incomplete"))


def kept(name: str) -> bool:
    return any(Path(os.environ["HF_HOME"]).rglob(f"snapshots/*/{name}"))


def wait_for_worker() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("download"):
            thread.join(10)


def test_a_download_brings_the_files_that_are_needed_and_no_copies_in_other_formats(fake_hub):
    assert found() is None

    folder, _progress = fetch()

    assert {path.name for path in folder.iterdir()} == {"config.json", "tokenizer.json", "model.safetensors"}
    original = fake_hub.root / "org" / "tiny" / "model.safetensors"
    assert (folder / "model.safetensors").read_bytes() == original.read_bytes()
    assert found() == folder


def test_progress_only_grows_and_ends_complete(fake_hub):
    fake_hub.fault("model.safetensors", reset_after=300_000)

    folder, seen = fetch()

    done = [step.done for step in seen]
    assert done == sorted(done)
    assert seen[-1].done == seen[-1].total == sum(path.stat().st_size for path in folder.iterdir())
    assert seen[-1].unit == "bytes"


def test_the_commit_that_was_loaded_is_known(fake_hub):
    folder, _progress = fetch()

    commit = sources.loaded_revision(folder)

    assert commit is not None
    assert found(spec_of(revision=commit)) == folder
    assert sources.loaded_revision(folder.parent) is None


def test_a_spec_may_choose_its_files(fake_hub):
    folder, _progress = fetch(spec_of(allow_patterns=("*.json", "*.bin")))

    assert {path.name for path in folder.iterdir()} == {"config.json", "tokenizer.json", "pytorch_model.bin"}
    assert found() is None


def test_a_repository_that_has_only_a_bin_may_be_downloaded(fake_hub):
    (fake_hub.root / "org" / "tiny" / "model.safetensors").unlink()

    folder, _progress = fetch()

    assert (folder / "pytorch_model.bin").is_file()
    assert found() == folder


def test_weights_may_come_from_another_host(fake_hub):
    fake_hub.redirects = True

    folder, _progress = fetch()

    assert (folder / "model.safetensors").stat().st_size > WEIGHTS_BYTES


@pytest.mark.parametrize("cut", ["cut_after", "reset_after"])
def test_a_transfer_that_is_cut_resumes_in_mid_file(fake_hub, cut):
    fake_hub.fault("model.safetensors", **{cut: 300_000})

    folder, _progress = fetch()

    sources.check(spec_of(), folder)
    ranges = [
        asked for method, path, _status, asked in fake_hub.log if path.endswith(".safetensors") and asked
    ]
    assert len(ranges) == 1
    assert int(ranges[0].removeprefix("bytes=").rstrip("-")) >= hub_client.CHUNK_BYTES


def test_finished_files_are_not_fetched_again(fake_hub):
    fake_hub.fault("model.safetensors", times=ALWAYS, status=500)
    refusal()
    fake_hub.faults.clear()

    fetch()

    assert fake_hub.fetched("config.json") == 1
    assert fake_hub.fetched("tokenizer.json") == 1


def test_no_network_is_said_at_once(fake_hub, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")

        reason, sentence = refusal()

    assert reason == "no_network"
    assert "no connection to the model hub" in sentence
    assert "Check the network" in sentence


def test_a_name_server_that_does_not_answer_holds_nobody(fake_hub, monkeypatch):
    is_over = threading.Event()
    monkeypatch.setattr(hub, "PROBE_S", -0.9)
    monkeypatch.setattr(hub.httpx2, "head", lambda *_arguments, **_options: is_over.wait())

    reason, _sentence = refusal()

    is_over.set()
    assert reason == "no_network"


def test_downloads_that_are_switched_off_say_so(fake_hub, monkeypatch):
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)

    assert refusal() == (
        "offline",
        "Downloads are switched off because HF_HUB_OFFLINE is set. "
        "Unset it and start again to download Tiny.",
    )


def test_a_hub_that_accepts_but_never_answers_is_given_up(fake_hub, monkeypatch):
    monkeypatch.setattr(hub, "PROBE_S", 0.2)
    fake_hub.fault("/", method="HEAD", hold_after=0)

    reason, sentence = refusal()

    assert reason == "silent"
    assert "does not answer" in sentence


def test_an_interface_that_never_answers_is_given_up(fake_hub, monkeypatch):
    monkeypatch.setattr(hub_client, "READ_TIMEOUT_S", 0.2)
    fake_hub.fault("org/tiny", times=ALWAYS, hold_after=0)

    assert refusal()[0] == "silent"


def test_a_transfer_that_stalls_is_resumed(fake_hub, monkeypatch):
    monkeypatch.setattr(hub_client, "READ_TIMEOUT_S", 0.3)
    fake_hub.fault("model.safetensors", hold_after=200_000)

    folder, _progress = fetch()

    assert found() == folder


def test_a_gated_repository_asks_for_permission(fake_hub, monkeypatch):
    (fake_hub.root / "org" / "tiny" / ".gated").touch()

    reason, sentence = refusal()

    assert reason == "gated"
    assert "must grant access" in sentence
    assert "HF_TOKEN" in sentence

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    folder, _progress = fetch()
    assert found() == folder


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_says_so(fake_hub, status):
    fake_hub.fault("tree/" + commit_of(fake_hub), status=status)

    reason, sentence = refusal()

    assert reason == "denied"
    assert f"HTTP {status}" in sentence


def commit_of(fake_hub: FakeHub) -> str:
    folder, _progress = fetch()
    shutil.rmtree(os.environ["HF_HOME"])
    return folder.name


def test_a_repository_that_does_not_exist_says_so(fake_hub):
    reason, sentence = refusal(spec_of("org/nothing"))

    assert reason == "no_repository"
    assert "org/nothing" in sentence


def test_a_revision_that_does_not_exist_says_so(fake_hub):
    reason, sentence = refusal(spec_of(revision="v9"))

    assert reason == "no_revision"
    assert "no revision v9" in sentence


def test_a_repository_without_the_files_that_are_wanted_says_so(fake_hub):
    assert refusal(spec_of(allow_patterns=("*.gguf",)))[0] == "no_files"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_hub_that_fails_for_a_moment_is_asked_again(fake_hub, method):
    fake_hub.fault("model.safetensors", method=method, status=503, times=2)

    folder, _progress = fetch()

    assert found() == folder


@pytest.mark.parametrize("path", ["model.safetensors", "org/tiny"])
def test_a_hub_that_keeps_failing_is_given_up(fake_hub, path):
    fake_hub.fault(path, status=500, times=ALWAYS)

    reason, sentence = refusal()

    assert reason == "busy"
    assert "HTTP 500" in sentence
    assert found() is None


def test_a_file_that_stays_too_short_is_refused(fake_hub):
    fake_hub.fault("model.safetensors", short=1000, times=ALWAYS)

    reason, sentence = refusal()

    assert reason == "truncated"
    assert "shorter than announced" in sentence
    assert found() is None
    assert not leftovers()


def test_a_file_that_is_too_short_once_is_fetched_again(fake_hub):
    fake_hub.fault("model.safetensors", short=1000)

    folder, _progress = fetch()

    assert found() == folder


def test_a_corrupt_file_is_fetched_again(fake_hub):
    fake_hub.fault("model.safetensors", is_corrupt=True)

    folder, _progress = fetch()

    sources.check(spec_of(), folder)
    assert fake_hub.fetched("model.safetensors") == 2


def test_a_file_that_is_corrupt_twice_is_refused_and_removed(fake_hub):
    fake_hub.fault("model.safetensors", is_corrupt=True, times=2)

    reason, sentence = refusal()

    assert reason == "corrupt"
    assert "model.safetensors of Tiny arrived damaged" in sentence
    assert found() is None


def test_a_file_that_is_too_large_for_the_disk_is_not_begun(fake_hub, monkeypatch):
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 10**5))

    reason, sentence = refusal()

    assert reason == "no_space"
    assert "needs 1 MB of disk space, but only 0 MB are free" in sentence
    assert fake_hub.fetched("model.safetensors") == 0


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EIO, "failed")]
)
def test_a_disk_that_refuses_to_write_in_mid_download_says_so(fake_hub, monkeypatch, number, expected):
    def refuse(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("huggingface_hub.file_download._chmod_and_move", refuse)

    reason, sentence = refusal()

    assert reason == expected
    assert ("disk became full" in sentence) == (expected == "disk_full")
    assert not leftovers()


def test_a_cache_that_cannot_be_written_says_so_before_anything_is_fetched(fake_hub, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))

    reason, sentence = refusal()

    assert reason == "read_only"
    assert "HF_HOME" in sentence
    assert fake_hub.fetched("config.json") == 0


@pytest.mark.parametrize("status", [200, 404])
def test_an_address_that_is_no_hub_says_so(fake_hub, monkeypatch, status):
    monkeypatch.setattr(FakeHub, "take_fault", lambda *_arguments: Fault("", status=status))

    reason, sentence = refusal()

    assert reason == "not_a_hub"
    assert "is not a model hub" in sentence


def test_setting_cancel_stops_in_mid_file_and_keeps_what_is_finished(fake_hub):
    fake_hub.fault("model.safetensors", hold_after=300_000)
    cancel = threading.Event()
    steps = sources.download(spec_of(), cancel=cancel)
    # Until some of the weights has arrived, and the small file lies in its place.
    while next(steps).done < 200_000 or not kept("config.json"):
        pass

    cancel.set()
    with pytest.raises(DownloadCancelled, match="The download of Tiny was stopped"):
        next(steps)

    fake_hub.release.set()
    wait_for_worker()
    assert not leftovers()
    assert found() is None
    fake_hub.faults.clear()
    fetch()
    assert fake_hub.fetched("config.json") == 1


def test_closing_the_generator_stops_the_transfer(fake_hub):
    fake_hub.fault("model.safetensors", hold_after=300_000)
    steps = sources.download(spec_of(), cancel=threading.Event())
    while next(steps).done < 200_000:
        pass

    steps.close()

    fake_hub.release.set()
    wait_for_worker()
    assert not leftovers()
    assert found() is None


def test_nothing_is_kept_waiting_while_nothing_arrives(fake_hub):
    fake_hub.fault("model.safetensors", hold_after=0, times=ALWAYS)
    steps = sources.download(spec_of(), cancel=threading.Event())

    for _step in range(8):
        next(steps)

    steps.close()


def test_a_truncated_file_in_the_cache_counts_as_not_there_and_is_repaired(fake_hub):
    folder, _progress = fetch()
    os.truncate((folder / "model.safetensors").resolve(), 1000)
    assert found() is None

    assert fetch()[0] == folder

    assert found() == folder
    sources.check(spec_of(), folder)


def test_a_file_missing_in_the_cache_counts_as_not_there(fake_hub):
    folder, _progress = fetch()
    (folder / "tokenizer.json").unlink()

    assert found() is None


def test_a_damaged_file_in_a_cache_that_was_not_checked_yet_is_refused_and_removed(fake_hub):
    folder, _progress = fetch()
    shutil.rmtree(folder.parent.parent / "verified")
    blob = (folder / "model.safetensors").resolve()
    blob.write_bytes(blob.read_bytes()[:-4] + b"evil")
    assert found() == folder

    with pytest.raises(
        ModelLoadError, match=r"model.safetensors of Tiny is damaged.*download the model again"
    ):
        sources.check(spec_of(), folder)

    assert found() is None


def test_a_cache_of_an_older_library_is_judged_by_the_weights_themselves(fake_hub):
    folder, _progress = fetch()
    shutil.rmtree(folder.parent.parent / "trees")
    assert found() == folder

    os.truncate((folder / "model.safetensors").resolve(), WEIGHTS_BYTES - 1)

    assert found() is None


def test_a_sentence_encoder_is_downloaded_and_then_loads_without_the_hub(fake_hub, monkeypatch):
    from sentence_transformers import SentenceTransformer

    write_sentence_encoder(fake_hub.root / "org" / "encoder")
    folder, _progress = fetch(spec_of("org/encoder"))
    asked = len(fake_hub.log)

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    assert model.encode(["hello hub", "hello"]).shape == (2, 32)
    assert len(fake_hub.log) == asked
