"""The vectors of a shop's items, embedded once in the background from their titles and descriptions."""

import threading
from collections.abc import Generator

import numpy as np

from core.pool import ModelPool
from core.scenarios.embedding import embed_passages, pick_embedders
from core.scenarios.recommendation.items import Items
from core.scenarios.recommendation.workshop import Job, Workshop
from core.types import Progress

ROLES = ("embedder-en", "embedder-zh")


class ItemVectors:
    """Thread-safe; shared by a shop and the parts that it is split into, since these have the same items."""

    def __init__(self, items: Items, workshop: Workshop) -> None:
        self._items = items
        self._workshop = workshop
        self._job: Job | None = None
        self._lock = threading.Lock()

    def job(self, models: ModelPool) -> Job:
        """The work, begun if need be and begun again if it failed; its result is (items, dimensions) float32."""
        with self._lock:
            if self._job is None or self._job.failed:
                self._job = Job(_embedded(models, self._items), "items")
                self._workshop.start(self._job)
            return self._job


def _embedded(models: ModelPool, items: Items) -> Generator[Progress, None, np.ndarray]:
    texts = items.texts
    distinct = list(dict.fromkeys(texts))
    found: dict[str, np.ndarray] = {}
    yield Progress(0, len(distinct), "items")
    for chunk in embed_passages(models, distinct, pick_embedders(models, ROLES)):
        found |= chunk
        yield Progress(len(found), len(distinct), "items")
    return np.stack([found[text] for text in texts])
