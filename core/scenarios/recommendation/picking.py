"""From scores to the list that is shown: no seen items, more different ones (MMR) or less known ones where wished."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.scenarios.recommendation import metrics
from core.scenarios.recommendation.recommenders import Recommender, Terms

# The best of these many are reordered; what comes later is no match for anybody.
CANDIDATES = 100
# What nobody took is as surprising as what one in a thousand million took.
LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class Wishes:
    """How many items, and how much (0 to 1) difference between them and novelty count against the score."""

    k: int = 10
    diversity: float = 0.0
    novelty: float = 0.0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of items: `vectors` (items, dimensions) of unit length, and the `shares` of users who took them.

    Vectors are needed only where difference between the items is wished.
    """

    vectors: np.ndarray | None
    shares: np.ndarray


@dataclass(frozen=True, eq=False)
class Pick:
    """One item of the list; `score` is the sum of its terms, its novelty and its redundancy (0 or less).

    The recommender's own terms, times `scale`, are the terms; `shift` is part of their base.
    """

    item: int
    score: float
    terms: Terms
    novelty: float
    redundancy: float
    scale: float
    shift: float


@dataclass(frozen=True, eq=False)
class _Ranking:
    """The chosen items, best first, and what their scores are made of; all arrays are in that order."""

    items: np.ndarray
    scores: np.ndarray
    novelty: np.ndarray
    redundancy: np.ndarray
    scale: float
    shift: float


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
    ranking = _rank(recommender, history, catalogue, wishes, excluded)
    picks = []
    for place, item in enumerate(ranking.items.tolist()):
        terms = recommender.terms(history, item)
        own = Terms(ranking.scale * terms.from_history, ranking.scale * terms.base + ranking.shift)
        against = float(ranking.novelty[place]), float(ranking.redundancy[place])
        picks.append(Pick(item, float(ranking.scores[place]), own, *against, ranking.scale, ranking.shift))
    return picks


def pick_items(
    recommender: Recommender,
    history: np.ndarray,
    catalogue: Catalogue,
    wishes: Wishes,
    *,
    excluded: Collection[int] = (),
) -> np.ndarray:
    """The items of `pick` alone, without the reasons."""
    return _rank(recommender, history, catalogue, wishes, excluded).items


def _rank(
    recommender: Recommender,
    history: np.ndarray,
    catalogue: Catalogue,
    wishes: Wishes,
    excluded: Collection[int],
) -> _Ranking:
    seen = np.union1d(history, np.fromiter(excluded, dtype=np.int64)).astype(np.int64)
    candidates = _candidates(recommender, history, seen, max(wishes.k, CANDIDATES))
    if not len(candidates):
        return _Ranking(candidates, *[np.zeros(0)] * 3, 0.0, 0.0)
    relevance, scale, shift = _unit(recommender.score(history, candidates))
    weight = 1 - wishes.diversity
    surprise = -np.log2(np.maximum(catalogue.shares[candidates], LEAST_SHARE))
    own = weight * relevance
    novelty = wishes.novelty * _unit(surprise)[0]
    order, redundancy = _ordered(own + novelty, candidates, catalogue, wishes)
    total = own[order] + novelty[order] + redundancy
    return _Ranking(candidates[order], total, novelty[order], redundancy, weight * scale, weight * shift)


def _candidates(recommender: Recommender, history: np.ndarray, seen: np.ndarray, count: int) -> np.ndarray:
    """The best unseen items, best first: of all, or of those that the recommender offers."""
    offered = recommender.candidates(history, count + len(seen))
    if offered is None:
        return metrics.top(recommender.score(history), count, seen)
    unseen = np.setdiff1d(offered, seen)
    return unseen[metrics.top(recommender.score(history, unseen), count, np.array([], dtype=np.int64))]


def _ordered(
    worth: np.ndarray, candidates: np.ndarray, catalogue: Catalogue, wishes: Wishes
) -> tuple[np.ndarray, np.ndarray]:
    """The places of the best candidates, greedily one after the other, and the redundancy that each had then."""
    count = min(wishes.k, len(candidates))
    if not wishes.diversity:
        return np.argsort(-worth, kind="stable")[:count], np.zeros(count)
    vectors = catalogue.vectors[candidates].astype(np.float64)
    worth, redundancy = worth.copy(), np.zeros(len(candidates))
    order, paid = np.zeros(count, dtype=np.int64), np.zeros(count)
    for place in range(count):
        best = order[place] = np.argmax(worth + redundancy)
        paid[place] = redundancy[best]
        worth[best] = -np.inf
        redundancy = np.minimum(redundancy, -wishes.diversity * np.maximum(vectors @ vectors[best], 0.0))
    return order, paid


def _unit(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The values brought to 0..1, and the factor and shift that do so; all 1 where they are equal."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-12:
        return np.ones(len(values)), 0.0, 1.0
    scale = 1 / (high - low)
    return (values - low) * scale, scale, -low * scale
