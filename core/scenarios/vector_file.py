"""Vectors of texts that never change, kept on disk so that a restart need not compute them again."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from core.catalog import ModelSpec

log = logging.getLogger("vitrine")


def fingerprint(texts: Sequence[str], specs: Sequence[ModelSpec]) -> str | None:
    """What the vectors depend on; None when the weights are not known to the byte, so that nothing may be kept."""
    if not all(spec.sha256 for spec in specs):
        return None
    digest = hashlib.sha256()
    for part in (*(f"{spec.model_id} {sorted(spec.sha256.items())}" for spec in specs), *texts):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def read(path: Path, key: str) -> np.ndarray | None:
    """The vectors (n, dim) kept under this fingerprint; None when there are none, or others."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            return file.get_tensor("vectors") if (file.metadata() or {}).get("fingerprint") == key else None
    except (SafetensorError, OSError) as error:
        log.warning("vector_file_unreadable", extra={"file": path.name, "reason": str(error)})
        return None


def write(path: Path, key: str, vectors: np.ndarray) -> None:
    """Keep the vectors; a folder that cannot be written costs the next start some seconds, nothing more."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        save_file({"vectors": np.ascontiguousarray(vectors)}, new, {"fingerprint": key})
        new.replace(path)
    except (SafetensorError, OSError) as error:
        log.warning("vector_file_not_written", extra={"file": path.name, "reason": str(error)})
