"""From scores to the list that is shown: no seen items, more different ones (MMR) or less known ones where wished."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.scenarios.recommendation import metrics
from core.scenarios.recommendation.recommenders import Recommender, Terms

# The best of these many are reordered; what comes later is no match for anybody.
CANDIDATES = 100


@dataclass(frozen=True)
class Wishes:
    """How many items, and how much (0 to 1) difference between them and novelty count against the score."""

    k: int = 10
    diversity: float = 0.0
    novelty: float = 0.0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of items: `vectors` (items, dimensions) of unit length, and the `shares` of users who took them."""

    vectors: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True, eq=False)
class Pick:
    """One item of the list; `score` is the sum of its terms, its novelty and its redundancy (0 or less)."""

    item: int
    score: float
    terms: Terms
    novelty: float
    redundancy: float


def pick(
    recommender: Recommender,
    history: np.ndarray,
    catalogue: Catalogue,
    wishes: Wishes,
    *,
    excluded: Collection[int] = (),
) -> list[Pick]:
    """The list, best first, by maximal marginal relevance (Carbonell and Goldstein 1998).

    Relevance and novelty are brought to 0..1 over the candidates; redundancy is the largest cosine with what is
    already in the list. Equal ones come in the order of their scores.
    """
    scores = recommender.score(history)
    seen = np.union1d(history, np.fromiter(excluded, dtype=np.int64)).astype(np.int64)
    candidates = metrics.top(scores, max(wishes.k, CANDIDATES), seen)
    if not len(candidates):
        return []
    relevance, scale, shift = _unit(scores[candidates])
    surprise = -np.log2(np.maximum(catalogue.shares[candidates], 1e-9))
    novelty = wishes.novelty * _unit(surprise)[0]
    weight = 1 - wishes.diversity
    redundancy = np.zeros(len(candidates))
    left, picks = np.ones(len(candidates), dtype=bool), []
    for _ in range(min(wishes.k, len(candidates))):
        total = weight * relevance + novelty + redundancy
        best = int(np.flatnonzero(left)[np.argmax(total[left])])
        left[best] = False
        item = int(candidates[best])
        terms = recommender.terms(history, item)
        own = Terms(weight * scale * terms.from_history, weight * (scale * terms.base + shift))
        picks.append(Pick(item, float(total[best]), own, float(novelty[best]), float(redundancy[best])))
        alike = catalogue.vectors[candidates].astype(np.float64) @ catalogue.vectors[item]
        redundancy = np.minimum(redundancy, -wishes.diversity * np.maximum(alike, 0.0))
    return picks


def leaving_without(
    recommender: Recommender,
    history: np.ndarray,
    catalogue: Catalogue,
    wishes: Wishes,
    *,
    liked: int,
    excluded: Collection[int] = (),
) -> list[int]:
    """Which items leave the list when this liked one is taken out of the history; computed, not guessed."""
    before = pick(recommender, history, catalogue, wishes, excluded=excluded)
    rest = history[history != liked]
    # What was taken out isn't recommended in turn: that would push another item out.
    after = pick(recommender, rest, catalogue, wishes, excluded=[*excluded, liked])
    kept = {each.item for each in after}
    return [each.item for each in before if each.item not in kept]


def _unit(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The values brought to 0..1, and the factor and shift that do so; all 1 where they are equal."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-12:
        return np.ones(len(values)), 0.0, 1.0
    scale = 1 / (high - low)
    return (values - low) * scale, scale, -low * scale
