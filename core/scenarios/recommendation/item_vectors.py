"""The vectors of a shop's items, computed once in the background: from their texts, or else from who took them."""

import threading
from collections.abc import Generator

import numpy as np

from core.pool import ModelPool
from core.scenarios.embedding import embed_passages, pick_embedders, role_for
from core.scenarios.recommendation.als import als_steps
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.index import MIN_ITEMS
from core.scenarios.recommendation.items import Items
from core.scenarios.recommendation.workshop import Job, Workshop
from core.types import Progress

ROLES = ("embedder-en", "embedder-zh")
# Between two turns of other jobs, while a model is being loaded.
WAIT_S = 0.05


class ItemVectors:
    """Thread-safe; shared by a shop and the parts that it is split into, where these have the same texts."""

    def __init__(self, dataset: Dataset, workshop: Workshop) -> None:
        self._dataset = dataset
        self._workshop = workshop
        self._job: Job | None = None
        self._lock = threading.Lock()

    def job(self, models: ModelPool) -> Job:
        """The work, begun if need be and begun again if it failed. Its result: (items, dimensions), of unit length.

        float32, or float16 for a catalogue of more than 100,000 items.
        """
        with self._lock:
            if self._job is None or self._job.failed:
                self._job = Job(self._steps(models), "items")
                self._workshop.start(self._job)
            return self._job

    def _steps(self, models: ModelPool) -> Generator[Progress, None, np.ndarray]:
        if self._dataset.has_texts:
            return _embedded(models, self._dataset.items)
        return _taken_together(self._dataset)


def _embedded(models: ModelPool, items: Items) -> Generator[Progress, None, np.ndarray]:
    texts = items.texts
    places: dict[str, int] = {}
    for text in texts:
        places.setdefault(text, len(places))
    start = Progress(0, len(places), "items")
    yield start
    embedders = pick_embedders(models, ROLES)
    yield from _loaded(models, {embedders[role_for(text)].model_id for text in places}, start)
    found: np.ndarray | None = None
    done = 0
    for chunk in embed_passages(models, list(places), embedders):
        vectors = np.stack(list(chunk.values()))
        if found is None:
            kind = np.float16 if len(texts) > MIN_ITEMS else np.float32
            found = np.zeros((len(places), vectors.shape[1]), dtype=kind)
        found[[places[text] for text in chunk]] = vectors
        done += len(chunk)
        yield Progress(done, len(places), "items")
    numbers = [places[text] for text in texts]
    return found if len(places) == len(texts) else found[numbers]


def _loaded(models: ModelPool, model_ids: set[str], start: Progress) -> Generator[Progress, None, None]:
    """Wait for models however long they take: nobody has a deadline here. Raises what stopped one."""
    for model_id in sorted(model_ids):
        loading = models.load(model_id)
        while not loading.wait(WAIT_S):
            yield start


def _taken_together(dataset: Dataset) -> Generator[Progress, None, np.ndarray]:
    """Where nothing is known of the items but who took them: two items are alike that the same people take."""
    factors = (yield from als_steps(dataset.interactions)).items
    return factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), np.float32(1e-9))
