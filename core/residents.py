"""The models in memory: who uses them, and who must leave when another one needs the room."""

import logging
import threading
import time
from dataclasses import dataclass, field

from core.batchers import Batcher
from core.catalog import ModelSpec
from core.engines import Engine
from core.errors import N_, ModelLoadError
from core.garbage import Garbage
from core.loading import ModelStatus, State

log = logging.getLogger("vitrine.pool")


@dataclass
class Resident:
    """A model that is loaded, with the batcher that owns it."""

    spec: ModelSpec
    engine: Engine
    batcher: Batcher
    revision: str | None
    load_s: float
    last_used_s: float = field(default_factory=time.monotonic)
    users: int = 0

    def status(self) -> ModelStatus:
        return ModelStatus(
            self.spec,
            State.READY,
            is_local=True,
            device=self.engine.device.title,
            revision=self.revision,
            memory_mb=self.spec.budget_mb,
            load_s=self.load_s,
            queue_size=self.batcher.queue_size,
        )

    def release(self) -> None:
        """End its thread and free its memory; what still waits is cancelled."""
        self.batcher.close()
        self.engine.close()


class Residents:
    """The loaded models of one pool; every method may be called from any thread."""

    def __init__(self, garbage: Garbage) -> None:
        self._garbage = garbage
        self._by_id: dict[str, Resident] = {}
        self._closed = False
        self._lock = threading.Lock()

    def get(self, model_id: str) -> Resident | None:
        return self._by_id.get(model_id)

    def hold(self, model_id: str) -> Resident | None:
        """The model, counted as in use so that nobody evicts it; None when it is not loaded."""
        with self._lock:
            resident = self._by_id.get(model_id)
            if resident:
                resident.users += 1
            return resident

    def let_go(self, resident: Resident) -> None:
        with self._lock:
            resident.users -= 1
            resident.last_used_s = time.monotonic()

    def add(self, resident: Resident) -> None:
        with self._lock:
            if not self._closed:
                self._by_id[resident.spec.model_id] = resident
                return
        resident.release()

    def remove(self, model_id: str) -> bool:
        """Free the model; False when it is not loaded, or in use."""
        with self._lock:
            resident = self._by_id.get(model_id)
            if resident is None or resident.users:
                return False
            del self._by_id[model_id]
        resident.release()
        self._garbage.left()
        return True

    def make_room(self, spec: ModelSpec, budget_mb: float) -> None:
        """Evict what was used longest ago until the model fits. Raises ModelLoadError when the rest is in use."""
        while evicted := self._evict(spec, budget_mb):
            log.info("model_evicted", extra={"model_id": evicted.spec.model_id, "for": spec.model_id})
            evicted.release()
            self._garbage.left()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            residents, self._by_id = list(self._by_id.values()), {}
        for resident in residents:
            resident.release()

    def _evict(self, spec: ModelSpec, budget_mb: float) -> Resident | None:
        with self._lock:
            free_mb = budget_mb - sum(resident.spec.budget_mb for resident in self._by_id.values())
            if spec.budget_mb <= free_mb:
                return None
            idle = [resident for resident in self._by_id.values() if not resident.users]
            if not idle:
                raise _no_room(spec, free_mb)
            oldest = min(idle, key=lambda resident: resident.last_used_s)
            return self._by_id.pop(oldest.spec.model_id)


def _no_room(spec: ModelSpec, free_mb: float) -> ModelLoadError:
    message = N_(
        "{model} needs {needed} MB, and {free} MB are free for models. Unload one, or try again soon."
    )
    needed = round(spec.budget_mb)
    return ModelLoadError(message, model=spec.title, needed=needed, free=max(0, round(free_mb)))
