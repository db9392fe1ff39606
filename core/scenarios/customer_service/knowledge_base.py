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
from core.scenarios.embedding import Embedders, embed_passages, pick_embedders, role_for
from core.types import Progress

log = logging.getLogger("vitrine.customer_service")
# Both languages ask, whatever languages the entries are in.
ROLES = ("embedder-en", "embedder-zh")


class IndexingError(ModelLoadError):
    """The knowledge base is still being read; the message says how far."""


class Building:
    """One run of building the index with certain embedders: its progress, and at the end the index or the error."""

    def __init__(self, embedders: Embedders, vectors: dict[str, np.ndarray]) -> None:
        self.embedders = embedders
        self.vectors = vectors
        self.progress = Progress(0, 0, "texts")
        self.index: EntryIndex | None = None
        self.error: DemoError | None = None
        self.ended = threading.Event()
        self.cancelled = threading.Event()
        self.waiting = 0
        """Who would notice if it stopped; -1 when it is to go on in any case."""


class KnowledgeBase:
    """Entries with their index; immutable but for the index, which is built once per choice of embedders.

    While other embedders read the entries anew, the old index goes on answering.
    """

    def __init__(self, name: str, entries: tuple[Entry, ...], *, vectors_path: Path | None = None) -> None:
        """`vectors_path`: where vectors outlive the process; for entries that belong to nobody in particular."""
        self.name = name
        self.entries = entries
        self.policy = Policy()
        self._texts = EntryIndex.texts(entries)
        self._vectors_path = vectors_path
        self._inherited: Building | None = None
        self._latest: Building | None = None
        self._ready: Building | None = None
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        return len(self._texts)

    def with_entry(self, entry: Entry) -> "KnowledgeBase":
        """A knowledge base with one entry more; what is embedded already is not embedded again."""
        extended = KnowledgeBase(self.name, (*self.entries, entry))
        if self._ready:
            extended._inherited = Building(self._ready.embedders, self._ready.vectors)
        return extended

    def prepare(self, models: ModelPool) -> Building:
        """Build the index on a thread of its own, to its end, unless it is built or under way."""
        return self._begin(models, to_the_end=True)

    def until_ready(self, models: ModelPool) -> Iterator[Progress]:
        """Yield Progress at least every 0.2 s until there is an index. Raises what stopped it.

        When nobody waits any more the work stops; what is embedded by then is kept for the next time.
        """
        building = self._begin(models, to_the_end=False)
        try:
            while self._ready is None and not building.ended.wait(0.1):
                yield building.progress
        finally:
            self._leave(building)
        if self._ready is None and building.error:
            raise building.error

    def built(self, models: ModelPool, *, timeout_s: float) -> Building:
        """The building that answers now, waiting for at most `timeout_s`. Raises IndexingError when it takes longer."""
        building = self.prepare(models)
        if self._ready is None and not building.ended.wait(timeout_s):
            message = N_("The knowledge base is being read: {done} of {total} texts. Ask again in a moment.")
            raise IndexingError(message, done=building.progress.done, total=building.progress.total)
        if self._ready is None and building.error:
            raise building.error
        return self._ready

    def _begin(self, models: ModelPool, *, to_the_end: bool) -> Building:
        """The building for the embedders of now, begun if need be, with one more who waits for it."""
        embedders = pick_embedders(models, ROLES)
        with self._lock:
            building, is_new = self._latest, False
            if building is None or not self._can_serve(building, embedders):
                building, is_new = Building(embedders, self._known_vectors(embedders)), True
                if self._latest:
                    self._latest.cancelled.set()
                self._latest = building
            if to_the_end:
                building.waiting = -1
            elif building.waiting >= 0:
                building.waiting += 1
        if is_new:
            threading.Thread(
                target=self._build, args=(models, building), name="indexing", daemon=True
            ).start()
        return building

    def _can_serve(self, building: Building, embedders: Embedders) -> bool:
        is_over = building.error is not None or building.cancelled.is_set()
        return building.embedders == embedders and not is_over

    def _known_vectors(self, embedders: Embedders) -> dict[str, np.ndarray]:
        """What an earlier building embedded with the same embedders."""
        earlier = (building for building in (self._latest, self._inherited) if building)
        return next((dict(one.vectors) for one in earlier if one.embedders == embedders), {})

    def _leave(self, building: Building) -> None:
        """One who waited has gone; with the last of them the work stops."""
        with self._lock:
            if building.waiting > 0:
                building.waiting -= 1
                if not building.waiting and not building.ended.is_set():
                    building.cancelled.set()

    def _build(self, models: ModelPool, building: Building) -> None:
        try:
            self._embed(models, building)
            if building.cancelled.is_set():
                building.error = DemoError(N_("Reading the knowledge base was stopped. Ask again to go on."))
                return
            vectors = np.stack([building.vectors[text] for text in self._texts])
            building.vectors = dict(
                zip(self._texts, vectors, strict=True)
            )  # rows of this one array, not copies
            building.index = EntryIndex(self.entries, vectors)
            self._ready = building
        except DemoError as error:
            building.error = error
        finally:
            if building.index is None and building.error is None:
                building.error = DemoError(
                    N_("Reading the knowledge base failed unexpectedly; the log has it.")
                )
            building.ended.set()
        log.info("knowledge_base_indexed", extra={"texts": len(self._texts), "entries": len(self.entries)})

    def _embed(self, models: ModelPool, building: Building) -> None:
        key = self._fingerprint(building.embedders)
        if key and not building.vectors and (kept := vector_file.read(self._vectors_path, key)) is not None:
            building.vectors = dict(zip(self._texts, kept, strict=True))
        missing = [text for text in self._texts if text not in building.vectors]
        for vectors in embed_passages(models, missing, building.embedders):
            building.vectors |= vectors
            building.progress = Progress(len(building.vectors), len(self._texts), "texts")
            if building.cancelled.is_set():
                return
        if key and missing:
            vector_file.write(
                self._vectors_path, key, np.stack([building.vectors[text] for text in self._texts])
            )

    def _fingerprint(self, embedders: Embedders) -> str | None:
        if self._vectors_path is None:
            return None
        roles = sorted({role_for(text) for text in self._texts})
        return vector_file.fingerprint(self._texts, [embedders[role] for role in roles])
