"""The recommenders of one shop, each fitted once, in the background."""

import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.belongings import Belongings
from core.pool import ModelPool
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.item_vectors import ItemVectors
from core.scenarios.recommendation.learning import (
    HYBRID_WEIGHTS,
    hybrid_weights,
    learn,
    learn_content,
    learn_hybrid,
)
from core.scenarios.recommendation.memory import rows_of
from core.scenarios.recommendation.recommenders import Recommender
from core.scenarios.recommendation.requests import check_recommender
from core.scenarios.recommendation.sample import sample_dataset
from core.scenarios.recommendation.splitting import Split, split_by
from core.scenarios.recommendation.workshop import Job, Workshop
from core.types import Progress

__all__ = ["HYBRID_WEIGHTS", "SAMPLE_ID", "Fits", "Parts", "keep", "shop"]

SAMPLE_ID = "sample"
# Of evaluations: one that is looked at, and one that it is compared with.
KEPT_PARTS = 2
_SAMPLE_KEY = "recommendation-sample"
_WORKSHOP_KEY = "recommendation-workshop"


@dataclass(frozen=True, eq=False)
class Parts:
    """A split, and what was learned from its train part."""

    split: Split
    fits: "Fits"


class Fits:
    """What was learned from one shop. Thread-safe; whoever asks for the same waits for the same work.

    The work goes on when they leave, and ends when nothing refers to the shop any more.
    """

    def __init__(
        self, dataset: Dataset, workshop: Workshop | None = None, *, vectors: ItemVectors | None = None
    ) -> None:
        self.dataset = dataset
        self._workshop = workshop or Workshop()
        self._vectors = vectors or ItemVectors(dataset, self._workshop)
        self._jobs: dict[str, Job] = {}
        self._parts: dict[tuple[str, int], Parts] = {}
        self._lock = threading.RLock()
        # Of its own, since splitting millions of interactions takes seconds.
        self._splitting = threading.Lock()

    @property
    def rows(self) -> int:
        """The memory that this may come to take, in the 2 KB that Belongings counts by."""
        return rows_of(self.dataset)

    def fitted(self, name: str) -> Recommender | None:
        """The recommender, where it is fitted already."""
        job = self._jobs.get(name)
        return job.result() if job and job.ended.is_set() and not job.failed else None

    def job(self, name: str) -> Job | None:
        """The work that fits this recommender, where somebody asked for it."""
        return self._jobs.get(name)

    def fit(self, models: ModelPool, name: str) -> Generator[Progress, None, Recommender]:
        """Yield Progress at least every 0.2 s until the recommender is there.

        Raises InvalidInputError for a name that there isn't, and the DemoError that stopped the work; who asks
        again after that has it begun again.
        """
        check_recommender(name)
        return (yield from self._job(models, name).wait())

    def vectors(self, models: ModelPool) -> Generator[Progress, None, np.ndarray]:
        """Vectors (items, dimensions) of unit length: of the items' texts, or else of who took them."""
        return (yield from self._vectors.job(models).wait())

    def parts(self, split: str, seed: int) -> Parts:
        """The shop split for an evaluation; the latest two splits are kept, with what was learned from them."""
        key = split, seed
        with self._splitting:
            found = self._parts.pop(key, None) or self._part(split, seed)
            self._parts[key] = found
            while len(self._parts) > KEPT_PARTS:
                del self._parts[next(iter(self._parts))]
        return found

    def _part(self, kind: str, seed: int) -> Parts:
        split = split_by(self.dataset.interactions, kind, seed)
        train = replace(self.dataset, interactions=split.train)
        # Texts are the same in both; what is learned from who took what must not see what is held out.
        vectors = self._vectors if train.has_texts else None
        return Parts(split, Fits(train, self._workshop, vectors=vectors))

    def _job(self, models: ModelPool, name: str) -> Job:
        """The job of this name: under way, done, or begun; one that failed is begun again."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.failed:
                job = self._jobs[name] = Job(self._steps(models, name), "items")
                self._workshop.start(job)
            return job

    def _steps(self, models: ModelPool, name: str) -> Generator[Progress, None, Any]:
        """The work; it refers to the data and to other jobs, never to this object, which may be dropped meanwhile."""
        if name == "content":
            return learn_content(self.dataset, self._vectors.job(models))
        if name == "hybrid":
            parts = hybrid_weights(self.dataset)
            return learn_hybrid(self.dataset, {part: self._job(models, part) for part in parts})
        return learn(name, self.dataset.interactions)


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
    """The one of this process."""
    return belongings.shared(_WORKSHOP_KEY, Workshop)
