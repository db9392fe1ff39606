"""Held-out evaluation: part of each user's items is hidden, the rest is the history, and all items are ranked."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from core.scenarios.recommendation import metrics
from core.scenarios.recommendation.metrics import Measured
from core.scenarios.recommendation.picking import Catalogue, Wishes, pick_items
from core.scenarios.recommendation.recommenders import Recommender
from core.scenarios.recommendation.splitting import Split
from core.types import Progress

# Users between two looks at whether somebody still waits.
USERS_PER_STEP = 50


@dataclass(frozen=True)
class Row:
    """How one recommender did, over the users with a history and something held out."""

    recommender: str
    users: int
    precision: Measured
    recall: Measured
    ndcg: Measured
    average_precision: Measured
    hit: Measured
    coverage: float
    diversity: float
    novelty: float


def evaluate(
    model: Recommender, split: Split, wishes: Wishes, *, name: str, vectors: np.ndarray, users: np.ndarray
) -> Generator[Progress, None, Row]:
    """Pick for each of these users from all unseen items, as for a visitor; yields Progress in users.

    `model` was fitted on the train part; `vectors` (items, dimensions) of unit length say how alike two items are.
    """
    shares = split.train.popularity / max(1, len(split.train.users))
    catalogue = Catalogue(vectors, shares)
    lists, scores = [], []
    for done, user in enumerate(users.tolist()):
        lists.append(pick_items(model, split.train.history(user), catalogue, wishes))
        scores.append(metrics.user_scores(lists[-1], split.held_out.history(user), wishes.k))
        if done % USERS_PER_STEP == 0:
            yield Progress(done, len(users), "users")
    names = ("precision", "recall", "ndcg", "average_precision", "hit")
    means = {field: metrics.measured([getattr(each, field) for each in scores]) for field in names}
    return Row(
        name,
        len(users),
        **means,
        coverage=metrics.coverage(lists, len(shares)),
        diversity=float(np.mean([metrics.intra_list_diversity(each, vectors) for each in lists])),
        novelty=float(np.mean([metrics.novelty(each, shares) for each in lists])),
    )


def evaluated_users(split: Split, most: int | None = None, seed: int = 42) -> np.ndarray:
    """The numbers of the users with a history and something held out, ascending; at most so many, drawn by the seed."""
    users = np.flatnonzero(
        (np.diff(split.train.matrix.indptr) > 0) & (np.diff(split.held_out.matrix.indptr) > 0)
    )
    if most is None or len(users) <= most:
        return users
    return np.sort(np.random.default_rng(seed).choice(users, most, replace=False))
