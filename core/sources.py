"""Where weights come from: a bundled folder, a package, a local copy, the hub's cache, the hub."""

import importlib
import importlib.util
import os
import threading
from collections.abc import Generator
from pathlib import Path

from core import hub_cache
from core.catalog import ModelSpec
from core.errors import N_, ModelLoadError
from core.hub_cache import loaded_revision
from core.types import Progress

__all__ = ["BUNDLED", "check", "download", "locate", "loaded_revision"]

BUNDLED = Path(__file__).parent.parent / "assets" / "models"

# Read when the libraries are imported, so they must be set before. Loading a .bin would otherwise start a
# thread that asks a conversion service; Xet transfers obey neither our time-outs nor our cancel.
for _name in ("DISABLE_SAFETENSORS_CONVERSION", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET"):
    os.environ.setdefault(_name, "1")


def locate(spec: ModelSpec, *, models_dir: Path) -> Path | None:
    """The folder of the spec's weights on this machine, without any network.

    None when they would have to be downloaded; a truncated download counts as not there. What runs elsewhere
    needs no folder: an empty path stands for it.
    """
    if spec.endpoint:
        return Path()
    if spec.folder:
        return _existing(BUNDLED / spec.folder)
    if spec.package:
        return _packaged(spec.package)
    copy = models_dir / spec.model_id
    return copy if hub_cache.is_whole(copy) else hub_cache.find_snapshot(spec)


def check(spec: ModelSpec, folder: Path) -> None:
    """Compare the weights with their checksums: the catalogue's, or the hub's own.

    Raises ModelLoadError with the first file that is missing or damaged. A file is read once per process.
    """
    for name, expected in spec.sha256.items():
        path = folder / name
        if not path.is_file() or hub_cache.sha256_of(path) != expected:
            raise ModelLoadError(_DAMAGED, reason="corrupt", file=name, model=spec.title)
    if loaded_revision(folder):
        _check_snapshot(spec, folder)


def download(spec: ModelSpec, *, cancel: threading.Event) -> Generator[Progress, None, Path]:
    """Fetch the spec's files into the hub's cache; yields bytes at least every 0.2 s, returns the folder.

    Closing the generator or setting `cancel` stops the transfer; finished files are kept for the next time.
    Raises ModelLoadError (`params["reason"]` says which kind) and DownloadCancelled.
    """
    from core import hub  # imports the hub's library, which only a download needs

    return (yield from hub.download(spec, cancel=cancel))


def _existing(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None


def _packaged(package: str) -> Path | None:
    if importlib.util.find_spec(package) is None:
        return None
    return _existing(Path(importlib.import_module(package).get_model_path()))


def _check_snapshot(spec: ModelSpec, folder: Path) -> None:
    for name in hub_cache.find_damaged(folder, hub_cache.wanted(hub_cache.read_listing(folder), spec)):
        hub_cache.drop(folder / name)  # so that the next look finds it missing, and offers the download
        raise ModelLoadError(_DAMAGED_DOWNLOAD, reason="corrupt", file=name, model=spec.title)


_DAMAGED = N_(
    "The file {file} of {model} is missing or damaged: its checksum is not the one in our catalogue. "
    "Install Vitrine and its packages again."
)
_DAMAGED_DOWNLOAD = N_(
    "The file {file} of {model} is damaged: its checksum is not the one of the model hub. "
    "It was removed; download the model again."
)
