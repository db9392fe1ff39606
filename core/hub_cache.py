"""How the hub's cache lies on disk, read without network and without the hub's library (0.3 s to import)."""

import json
import os
import re
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from core.catalog import ModelSpec

# Copies of the same weights for other frameworks, and weights that only torch.load could read.
_OTHER_FRAMEWORKS = (
    *("onnx/*", "openvino/*", "coreml/*", "original/*", "*.onnx", "*.onnx_data", "*.h5", "*.msgpack"),
    *("*.ot", "*.tflite", "*.mlmodel", "*.gguf", "*.pth", "*.ckpt*", ".gitattributes"),
)
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Listed:
    """What the hub says of one file; only large files have a sha256."""

    size: int
    sha256: str | None


def cache_folder() -> Path:
    """Where the hub's library keeps what it has downloaded, by its own environment variables."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{base}/huggingface"
    folder = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or f"{home}/hub"
    return Path(os.path.expandvars(folder)).expanduser()


def find_snapshot(spec: ModelSpec) -> Path | None:
    """The folder of the spec's revision when every file that we want lies there in its full size."""
    repo = cache_folder() / f"models--{(spec.repo_id or '').replace('/', '--')}"
    folder = repo / "snapshots" / _commit_of(repo, spec.revision or "main")
    if loaded_revision(folder) is None or not folder.is_dir():
        return None
    listing = read_listing(folder)
    names = wanted(listing, spec)
    is_complete = all(is_there(folder / name, listing[name].size) for name in names)
    return folder if (is_complete if names else is_whole(folder)) else None


def wanted(names: Iterable[str], spec: ModelSpec) -> list[str]:
    """The files of a repository to download: the spec's own choice, else all but copies in other formats."""
    if spec.allow_patterns:
        return [name for name in names if _matches(name, spec.allow_patterns)]
    kept = [name for name in names if not _matches(name, _OTHER_FRAMEWORKS)]
    safe = {PurePosixPath(name).parent for name in kept if name.endswith(".safetensors")}
    return [name for name in kept if not (name.endswith(".bin") and PurePosixPath(name).parent in safe)]


def read_listing(snapshot: Path) -> dict[str, Listed]:
    """The hub's listing of a snapshot as it was when we downloaded it; empty when none was kept."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        text = (snapshot.parent.parent / "trees" / f"{snapshot.name}.json").read_text("utf-8")
        files = json.loads(text)["files"]
        return {name: Listed(entry["size"], entry.get("lfs_sha256")) for name, entry in files.items()}
    return {}


def is_there(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def is_whole(folder: Path) -> bool:
    """Whether a folder without a listing has weights, and all its safetensors files their full length."""
    files = [path for path in folder.rglob("*") if path.suffix in (".safetensors", ".bin")]
    shards = {folder / name for index in folder.glob("*.index.json") for name in _shards(index)}
    whole = all(_has_full_length(path) for path in files if path.suffix == ".safetensors")
    return bool(files) and whole and shards <= set(files)


def drop(path: Path) -> None:
    """Remove a file of a snapshot together with the blob that it links to, so that it is fetched anew."""
    with suppress(OSError):  # a cache that is only read: it stays refused, and says so again
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def find_damaged(snapshot: Path, names: Iterable[str]) -> list[str]:
    """The files that differ in size or checksum from the hub's listing; the good ones are noted for ever."""
    listing, note = read_listing(snapshot), snapshot.parent.parent / "verified" / snapshot.name
    good = set(note.read_text("utf-8").splitlines()) if note.is_file() else set()
    new = sorted({name for name in names if name in listing} - good)
    damaged = [name for name in new if not _is_intact(snapshot / name, listing[name])]
    if new and not damaged:
        with suppress(OSError):  # a cache that is only read: checked again in the next process
            note.parent.mkdir(exist_ok=True)
            note.write_text("\n".join(sorted(good | set(new))), "utf-8")
    return damaged


def sha256_of(path: Path) -> str:
    """The checksum of a file, computed once per process as long as its size and time stay the same."""
    state = path.stat()
    return _sha256_of(path, state.st_size, state.st_mtime_ns)


def loaded_revision(folder: Path) -> str | None:
    """The commit of a hub snapshot's folder; None for any other folder."""
    return folder.name if folder.parent.name == "snapshots" and _COMMIT.fullmatch(folder.name) else None


@cache
def _sha256_of(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _commit_of(repo: Path, revision: str) -> str:
    if _COMMIT.fullmatch(revision):
        return revision
    reference = repo / "refs" / revision
    return reference.read_text("utf-8").strip() if reference.is_file() else ""


def _is_intact(path: Path, listed: Listed) -> bool:
    return is_there(path, listed.size) and listed.sha256 in (None, sha256_of(path))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _shards(index: Path) -> set[str]:
    with suppress(OSError, ValueError):
        return set(json.loads(index.read_text("utf-8")).get("weight_map", {}).values())
    return set()


def _has_full_length(path: Path) -> bool:
    """Compare a safetensors file's size with its header: 8 bytes length, JSON with offsets, tensors."""
    with suppress(OSError, ValueError, struct.error, KeyError, TypeError, AttributeError):
        with path.open("rb") as file:
            (header_bytes,) = struct.unpack("<Q", file.read(8))
            size = path.stat().st_size
            header = json.loads(file.read(header_bytes)) if header_bytes < size else None
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        return size == 8 + header_bytes + max(ends, default=0)
    return False
