"""Several recommenders as one: their scores on a common scale, with weights that are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.recommenders import Recommender, Terms

# Histories that the scales are measured on.
SAMPLED_USERS = 200


@dataclass(frozen=True, eq=False)
class Hybrid:
    """`parts` by name; each score is divided by its scale and multiplied by its weight."""

    parts: Mapping[str, Recommender]
    weights: Mapping[str, float]
    scales: Mapping[str, float]

    def score(self, history: np.ndarray) -> np.ndarray:
        return sum(self.factor(name) * part.score(history) for name, part in self.parts.items())

    def terms(self, history: np.ndarray, item: int) -> Terms:
        own = [(self.factor(name), part.terms(history, item)) for name, part in self.parts.items()]
        from_history = sum(factor * terms.from_history for factor, terms in own)
        return Terms(from_history, sum(factor * terms.base for factor, terms in own))

    def weighted(self, weights: Mapping[str, float]) -> "Hybrid":
        """The same with other weights; a part without one has no say."""
        return replace(self, weights={name: weights.get(name, 0.0) for name in self.parts})

    def factor(self, name: str) -> float:
        return self.weights[name] / self.scales[name]


def blend(
    parts: Mapping[str, Recommender], weights: Mapping[str, float], interactions: Interactions
) -> Hybrid:
    """Scales are the standard deviations of the parts' scores over the histories of some users."""
    step = max(1, len(interactions.users) // SAMPLED_USERS)
    histories = [interactions.history(user) for user in range(0, len(interactions.users), step)]
    scales = {
        name: float(np.mean([part.score(history).std() for history in histories])) or 1.0
        for name, part in parts.items()
    }
    return Hybrid(dict(parts), dict(weights), scales)
