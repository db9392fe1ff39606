"""The recommenders of one shop, each fitted once, in the background."""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from core.belongings import Belongings
from core.pool import ModelPool
from core.scenarios.recommendation.als import fit_als
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.ease import fit_ease
from core.scenarios.recommendation.hybrid import blend
from core.scenarios.recommendation.item_vectors import ItemVectors
from core.scenarios.recommendation.neighbours import fit_item_knn
from core.scenarios.recommendation.recommenders import Content, Recommender, fit_popularity
from core.scenarios.recommendation.sample import sample_dataset
from core.scenarios.recommendation.splitting import Split, split_by
from core.scenarios.recommendation.workshop import Job, Workshop
from core.types import Progress

# Of the hybrid, until the visitor moves them.
HYBRID_WEIGHTS = {"popularity": 0.1, "content": 0.3, "ease": 0.6}
SAMPLE_ID = "sample"
# Of evaluations: one that is looked at, and one that it is compared with.
KEPT_PARTS = 2
_ROW_BYTES = 2048
_SAMPLE_KEY = "recommendation-sample"
_WORKSHOP_KEY = "recommendation-workshop"


@dataclass(frozen=True, eq=False)
class Parts:
    """A split, and the recommenders of its train part."""

    split: Split
    fits: "Fits"


class Fits:
    """What was learned from one data set. Thread-safe; whoever asks for the same waits for the same work."""

    def __init__(
        self, dataset: Dataset, workshop: Workshop | None = None, *, vectors: ItemVectors | None = None
    ) -> None:
        self.dataset = dataset
        self._workshop = workshop or Workshop()
        self._vectors = vectors or ItemVectors(dataset.items, self._workshop)
        self._jobs: dict[str, Job] = {}
        self._parts: dict[tuple[str, int], Parts] = {}
        self._lock = threading.RLock()

    @property
    def rows(self) -> int:
        """The memory that this may come to take, in the 2 KB that Belongings counts by."""
        items, interactions = self.dataset.item_count, self.dataset.interaction_count
        return 1 + (items * 2048 + interactions * 16 + self.dataset.user_count * 80) // _ROW_BYTES

    def fitted(self, name: str) -> Recommender | None:
        """The recommender, where it is fitted already."""
        job = self._jobs.get(name)
        return job.result() if job and job.ended.is_set() and not job.failed else None

    def fit(self, models: ModelPool, name: str) -> Generator[Progress, None, Recommender]:
        """Yield Progress at least every 0.2 s until the recommender is there. Raises KeyError, and what stopped it."""
        return (yield from self._job(models, name).wait())

    def vectors(self, models: ModelPool) -> Generator[Progress, None, np.ndarray]:
        """Vectors (items, dimensions) of unit length, float32, of the items' texts; yields Progress like `fit`."""
        return (yield from self._vectors.job(models).wait())

    def parts(self, split: str, seed: int) -> "Parts":
        """The data set split for an evaluation, and what was learned from its train part; the latest few are kept."""
        key = split, seed
        with self._lock:
            found = self._parts.pop(key, None) or self._part(split, seed)
            self._parts[key] = found
            while len(self._parts) > KEPT_PARTS:
                del self._parts[next(iter(self._parts))]
        return found

    def _part(self, kind: str, seed: int) -> "Parts":
        split = split_by(self.dataset.interactions, kind, seed)
        train = replace(self.dataset, interactions=split.train)
        return Parts(split, Fits(train, self._workshop, vectors=self._vectors))

    def _job(self, models: ModelPool, name: str) -> Job:
        """The job of this name: under way, done, or begun; one that failed is begun again."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.failed:
                job = self._jobs[name] = Job(self._steps(models, name), "items")
                self._workshop.start(job)
            return job

    def _steps(self, models: ModelPool, name: str) -> Generator[Progress, None, Any]:
        interactions = self.dataset.interactions
        if name == "content":
            return _content(self._vectors.job(models))
        if name == "hybrid":
            return _hybrid({part: self._job(models, part) for part in HYBRID_WEIGHTS}, self.dataset)
        simple = {"popularity": fit_popularity, "item-knn": fit_item_knn, "ease": fit_ease, "als": fit_als}
        return _at_once(partial(simple[name], interactions))


def shop(belongings: Belongings, dataset_id: str) -> Fits:
    """The shop of this id. Raises NotFoundError when it has expired."""
    if dataset_id != SAMPLE_ID:
        return belongings.get(dataset_id, Fits)
    dataset, workshop = sample_dataset(), _workshop(belongings)
    return belongings.shared(_SAMPLE_KEY, lambda: Fits(dataset, workshop))


def keep(belongings: Belongings, dataset: Dataset, *, owner: str) -> str:
    """Keep a visitor's own shop and return its id. Raises OverloadedError when there is no room."""
    fits = Fits(dataset, _workshop(belongings))
    return belongings.keep(fits, owner=owner, rows=fits.rows)


def _workshop(belongings: Belongings) -> Workshop:
    return belongings.shared(_WORKSHOP_KEY, Workshop)


def _at_once(fit: Callable[[], Recommender]) -> Generator[Progress, None, Recommender]:
    yield Progress(0, 1, "items")
    return fit()


def _content(vectors: Job) -> Generator[Progress, None, Content]:
    return Content((yield from vectors.followed()))


def _hybrid(jobs: dict[str, Job], dataset: Dataset) -> Generator[Progress, None, Recommender]:
    parts = {}
    for name, job in jobs.items():
        parts[name] = yield from job.followed()
    return blend(parts, HYBRID_WEIGHTS, dataset.interactions)
