"""Downloads from the model hub: progress, cancel, retries, checksums, and a sentence for whatever fails."""

import glob
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

import httpx2
from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import tqdm as HubBar

from core import hub_cache, hub_client
from core.catalog import ModelSpec
from core.hub_failures import UNDERSTOOD, DownloadCancelled, explain, failure, reason_of
from core.types import Progress

PROBE_S = 3.0
BACKOFF_S = (0.5, 1.0, 2.0, 4.0)
SPARE_BYTES = 64 * 2**20
"""Left free on the disk for everything else."""
TICK_S = 0.2
_RETRIED = ("interrupted", "truncated", "busy", "no_network")

logger = logging.getLogger("vitrine.hub")
hub_client.install()
Result = TypeVar("Result")


def download(spec: ModelSpec, *, cancel: threading.Event) -> Generator[Progress, None, Path]:
    """Fetch the spec's files into the hub's cache; the contract is that of core.sources.download."""
    transfer = _Transfer(spec, cancel)
    executor = ThreadPoolExecutor(1, thread_name_prefix="download")
    outcome = executor.submit(transfer.run)
    # A name server that is gone holds the probe longer than its own time-out: nobody waits for that.
    unreachable_at = time.monotonic() + PROBE_S + 1
    try:
        while not outcome.done():
            yield transfer.progress
            wait([outcome], TICK_S)
            transfer.go_on()
            if not transfer.is_connected and time.monotonic() > unreachable_at:
                raise failure("no_network", spec)
        folder = outcome.result()
        yield transfer.progress
        return folder
    finally:
        transfer.stop()
        executor.shutdown(wait=False)


class _Transfer:
    """One download on its worker thread; the bars of the hub's library report to it."""

    def __init__(self, spec: ModelSpec, cancel: threading.Event) -> None:
        self.spec = spec
        self.is_connected = False
        self.progress = Progress(0, 0, "bytes")
        self._endpoint = os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")
        self._cache = hub_cache.cache_folder()
        self._cancel, self._stopped, self._lock = cancel, threading.Event(), threading.Lock()
        self._present = self._received = 0

    def stop(self) -> None:
        self._stopped.set()

    def go_on(self) -> None:
        """Raise DownloadCancelled when somebody asked to stop, or the process is on its way out."""
        is_leaving = not threading.main_thread().is_alive()
        if self._cancel.is_set() or self._stopped.is_set() or is_leaving:
            raise DownloadCancelled(self.spec)

    def advance(self, received: int) -> None:
        """Count bytes as they arrive. A retried file begins anew, so the progress waits until it is back."""
        self.go_on()
        with self._lock:
            self._received += received
            done = min(self._present + self._received, self.progress.total)
            self.progress = Progress(max(done, self.progress.done), self.progress.total, "bytes")

    def run(self) -> Path:
        """Everything, in order; raises only what a visitor can read, or a bug."""
        try:
            self._connect()
            revision, files = self._retrying(self._list)
            return self._fetch(revision, files)
        except UNDERSTOOD as error:
            raise explain(error, self.spec) from error

    def _connect(self) -> None:
        """Ask for any answer at all, so that a missing network is known in 3 s, not 26."""
        if constants.is_offline_mode():
            raise failure("offline", self.spec)
        httpx2.head(self._endpoint, timeout=PROBE_S)
        self.is_connected = True
        self._require_writable()

    def _list(self) -> tuple[str, dict[str, int]]:
        """The revision with its commit, and the sizes of the files that we want."""
        api = HfApi(endpoint=self._endpoint)
        repo_id = self.spec.repo_id
        revision = api.resolve_revision(repo_id, revision=self.spec.revision, cache_dir=self._cache)
        tree = api.list_repo_tree(repo_id, recursive=True, revision=revision.resolved)
        sizes = {file.path: file.size for file in tree if isinstance(file, RepoFile)}
        names = hub_cache.wanted(sizes, self.spec)
        if not names:
            raise failure("no_files", self.spec)
        return revision, {name: sizes[name] for name in names}

    def _fetch(self, revision: str, files: dict[str, int]) -> Path:
        """Download, then compare with the hub's checksums; what is damaged is fetched once more."""
        self.progress = Progress(0, sum(files.values()), "bytes")
        for _attempt in range(2):
            folder = self._retrying(lambda: self._download(revision, files))
            damaged = hub_cache.find_damaged(folder, files)
            if not damaged:
                logger.info("Downloaded %s at commit %s", self.spec.repo_id, folder.name)
                return folder
            for name in damaged:
                hub_cache.drop(folder / name)
        raise failure("corrupt", self.spec, file=damaged[0])

    def _download(self, revision: str, files: dict[str, int]) -> Path:
        repo = self._cache / f"models--{self.spec.repo_id.replace('/', '--')}"
        self._prepare(repo / "snapshots" / revision.resolved, files)
        folder = snapshot_download(
            self.spec.repo_id,
            revision=revision,
            cache_dir=self._cache,
            endpoint=self._endpoint,
            allow_patterns=[glob.escape(name) for name in files],
            max_workers=4,
            tqdm_class=_bar(self),
        )
        return Path(folder)

    def _prepare(self, folder: Path, files: dict[str, int]) -> None:
        """Remove what is there but too short (the library would keep it), and see that the rest fits."""
        present = {name for name, size in files.items() if hub_cache.is_there(folder / name, size)}
        for name in files.keys() - present:
            hub_cache.drop(folder / name)
        self._present, self._received = sum(files[name] for name in present), 0
        self.advance(0)
        needed = self.progress.total - self._present
        free = max(0, shutil.disk_usage(self._cache).free - SPARE_BYTES)
        if needed > free:
            raise failure("no_space", self.spec, needed_mb=-(-needed // 10**6), free_mb=free // 10**6)

    def _retrying(self, attempt: Callable[[], Result]) -> Result:
        """Try again after what may pass: a cut, a busy server; and a silent one if it had sent something."""
        for delay_s in BACKOFF_S:
            try:
                return attempt()
            except UNDERSTOOD as error:
                reason = reason_of(error)
                if not (reason in _RETRIED or (reason == "silent" and self._received)):
                    raise
                logger.warning("Downloading %s: %s, trying again", self.spec.repo_id, reason)
            self._cancel.wait(delay_s)
            self.go_on()
        return attempt()

    def _require_writable(self) -> None:
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._cache):
                pass
        except OSError as error:
            is_full = reason_of(error) == "disk_full"
            raise failure("disk_full" if is_full else "read_only", self.spec) from error


def _bar(transfer: _Transfer) -> type[HubBar]:
    """The class of progress bars to give to the hub's library; only one of its bars counts bytes on disk."""

    class Bar(HubBar):
        def __init__(self, *args: object, name: str | None = None, **options: object) -> None:
            super().__init__(*args, **{**options, "disable": True, "name": name})
            self._counts_bytes = name == "huggingface_hub.snapshot_download"

        def update(self, n: float | None = 1) -> None:
            transfer.advance(int(n or 0) if self._counts_bytes else 0)

    return Bar
