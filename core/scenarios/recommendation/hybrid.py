"""Several recommenders as one: their scores on a common scale, with weights that are shown."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Recommender, Terms
from core.types import Progress

# The scales are measured on so many histories and, where there are more, so many items.
SAMPLED_USERS = 200
SAMPLED_ITEMS = 10_000
USERS_PER_STEP = 20


@dataclass(frozen=True, eq=False)
class Hybrid:
    """`parts` by name; each score is divided by its scale and multiplied by its weight."""

    parts: Mapping[str, Recommender]
    weights: Mapping[str, float]
    scales: Mapping[str, float]

    def score(self, history: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        return sum(self.factor(name) * part.score(history, items) for name, part in self.parts.items())

    def terms(self, history: np.ndarray, item: int) -> Terms:
        own = [(self.factor(name), part.terms(history, item)) for name, part in self.parts.items()]
        from_history = sum(factor * terms.from_history for factor, terms in own)
        return Terms(from_history, sum(factor * terms.base for factor, terms in own))

    def candidates(self, history: np.ndarray, count: int) -> np.ndarray | None:
        """The candidates of all parts that have a say; all items where one of these parts tries all."""
        found = [part.candidates(history, count) for name, part in self.parts.items() if self.weights[name]]
        return None if any(each is None for each in found) else np.unique(np.concatenate(found))

    def weighted(self, weights: Mapping[str, float]) -> "Hybrid":
        """The same with other weights; a part without one has no say."""
        return replace(self, weights={name: weights.get(name, 0.0) for name in self.parts})

    def factor(self, name: str) -> float:
        return self.weights[name] / self.scales[name]


def blend(
    parts: Mapping[str, Recommender], weights: Mapping[str, float], interactions: Interactions
) -> Generator[Progress, None, Hybrid]:
    """Scales are the standard deviations of the parts' scores over the histories of some users. Yields Progress."""
    users = np.unique(np.linspace(0, len(interactions.users) - 1, SAMPLED_USERS).astype(int)).tolist()
    items = np.unique(np.linspace(0, len(interactions.items) - 1, SAMPLED_ITEMS).astype(int))
    spreads: dict[str, list[float]] = {name: [] for name in parts}
    for done, user in enumerate(users):
        if done % USERS_PER_STEP == 0:
            yield Progress(done, len(users), "users")
        for name, part in parts.items():
            spreads[name].append(part.score(interactions.history(user), items).std())
    scales = {name: float(np.mean(own)) or 1.0 for name, own in spreads.items()}
    return Hybrid(dict(parts), dict(weights), scales)
