"""A knowledge base: entries, and the index that finds them, built in the background with progress."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.errors import N_, DemoError, ModelLoadError
from core.pool import ModelPool
from core.scenarios import vector_file
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.index import EntryIndex
from core.scenarios.customer_service.policy import Policy
from core.scenarios.embedding import embed_passages, role_for
from core.types import Progress

log = logging.getLogger("vitrine.customer_service")


class IndexingError(ModelLoadError):
    """The knowledge base is still being read; the message says how far."""


class KnowledgeBase:
    """Entries with their index; immutable but for the index, which is built once per choice of embedders."""

    def __init__(self, name: str, entries: tuple[Entry, ...], *, vectors_path: Path | None = None) -> None:
        """`vectors_path`: where vectors outlive the process; for entries that belong to nobody in particular."""
        self.name = name
        self.entries = entries
        self._vectors_path = vectors_path
        self._texts = EntryIndex.texts(entries)
        self._roles = sorted({role_for(text) for text in self._texts})
        self._vectors: dict[str, np.ndarray] = {}  # of the texts, from the embedders of `_built_with`
        self._built_with: tuple[str, ...] = ()
        self._building: _Building | None = None
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        return len(self._texts)

    @property
    def policy(self) -> Policy:
        """The policy that fits these entries; the general one until the index is built."""
        index = self._building.index if self._building else None
        return index.policy if index else Policy()

    def with_entry(self, entry: Entry) -> "KnowledgeBase":
        """A knowledge base with one entry more; what is embedded already is not embedded again."""
        extended = KnowledgeBase(self.name, (*self.entries, entry))
        extended._vectors, extended._built_with = dict(self._vectors), self._built_with
        return extended

    def prepare(self, models: ModelPool) -> "_Building":
        """Start building the index on a thread of its own, unless it is built or under way."""
        wanted = tuple(models.pick(role).model_id for role in self._roles)
        with self._lock:
            if self._building is None or self._building.is_outdated(wanted):
                if wanted != self._built_with:
                    self._vectors, self._built_with = {}, wanted
                self._building = _Building(wanted)
                args = (models, self._building)
                threading.Thread(target=self._build, args=args, name="indexing", daemon=True).start()
            return self._building

    def until_ready(self, models: ModelPool) -> Iterator[Progress]:
        """Yield Progress at least every 0.2 s until the index is built. Raises what stopped it."""
        building = self.prepare(models)
        while not building.ended.wait(0.1):
            yield building.progress
        if building.error:
            raise building.error

    def index(self, models: ModelPool, *, timeout_s: float) -> EntryIndex:
        """The index, waiting for it for at most `timeout_s`. Raises IndexingError when it takes longer."""
        building = self.prepare(models)
        if not building.ended.wait(timeout_s):
            message = N_("The knowledge base is being read: {done} of {total} texts. Ask again in a moment.")
            raise IndexingError(message, done=building.progress.done, total=building.progress.total)
        if building.error:
            raise building.error
        return building.index

    def _build(self, models: ModelPool, building: "_Building") -> None:
        try:
            self._read_vectors(models)
            for building.progress in self._embed_missing(models):
                pass
            vectors = np.stack([self._vectors[text] for text in self._texts])
            self._vectors = dict(zip(self._texts, vectors, strict=True))  # rows of this one array, not copies
            building.index = EntryIndex(self.entries, vectors)
        except DemoError as error:
            building.error = error
        finally:
            if building.index is None and building.error is None:
                building.error = DemoError(
                    N_("Reading the knowledge base failed unexpectedly; the log has it.")
                )
            building.ended.set()
        log.info("knowledge_base_indexed", extra={"texts": len(self._texts), "entries": len(self.entries)})

    def _embed_missing(self, models: ModelPool) -> Iterator[Progress]:
        missing = [text for text in self._texts if text not in self._vectors]
        if missing:
            vectors = yield from embed_passages(models, missing)
            self._vectors |= dict(zip(missing, vectors, strict=True))
            self._write_vectors(models)

    def _read_vectors(self, models: ModelPool) -> None:
        key = self._fingerprint(models)
        if key and not self._vectors and (vectors := vector_file.read(self._vectors_path, key)) is not None:
            self._vectors = dict(zip(self._texts, vectors, strict=True))

    def _write_vectors(self, models: ModelPool) -> None:
        if key := self._fingerprint(models):
            vector_file.write(
                self._vectors_path, key, np.stack([self._vectors[text] for text in self._texts])
            )

    def _fingerprint(self, models: ModelPool) -> str | None:
        if self._vectors_path is None:
            return None
        return vector_file.fingerprint(self._texts, [models.pick(role) for role in self._roles])


class _Building:
    """One run of building the index: its progress, and at the end the index or the error."""

    def __init__(self, model_ids: tuple[str, ...]) -> None:
        self.model_ids = model_ids
        self.progress = Progress(0, 0, "texts")
        self.index: EntryIndex | None = None
        self.error: DemoError | None = None
        self.ended = threading.Event()

    def is_outdated(self, wanted: tuple[str, ...]) -> bool:
        """A failed run is tried again at the next question; other embedders need another index."""
        return self.model_ids != wanted or (self.ended.is_set() and self.error is not None)
