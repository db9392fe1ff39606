"""Held-out evaluation: part of each user's items is hidden, the rest is the history, and all items are ranked."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.scenarios.recommendation import metrics
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.metrics import Measured
from core.scenarios.recommendation.recommenders import Recommender
from core.types import Progress

# Users between two looks at whether somebody still waits.
USERS_PER_STEP = 50


@dataclass(frozen=True, eq=False)
class Split:
    """The same users and items twice: what is learned from, and what is to be found."""

    train: Interactions
    held_out: Interactions


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


def random_split(interactions: Interactions, *, held_out: float = 0.2, seed: int = 42) -> Split:
    """Of each user's items a random share is held out, rounded down: who has few keeps them all."""
    rng = np.random.default_rng(seed)
    starts = interactions.matrix.indptr
    hidden = np.zeros(interactions.count, dtype=bool)
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        hidden[start + rng.permutation(end - start)[: int(held_out * (end - start))]] = True
    return _split(interactions, hidden)


def leave_last_out(interactions: Interactions) -> Split:
    """Each user's newest item is held out, but not their only one. Raises ValueError where no times are known."""
    if interactions.times is None:
        raise ValueError("leave-last-out needs times")
    starts = interactions.matrix.indptr
    hidden = np.zeros(interactions.count, dtype=bool)
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        if end - start > 1:
            hidden[start + np.argmax(interactions.times[start:end])] = True
    return _split(interactions, hidden)


def evaluate(
    fit: Callable[[Interactions], Recommender], split: Split, *, name: str, k: int, vectors: np.ndarray
) -> Generator[Progress, None, Row]:
    """Fit on the train part and rank all unseen items for each user; yields Progress in users.

    `vectors` (items, dimensions) of unit length say how alike two items are, for the diversity.
    """
    model = fit(split.train)
    shares = split.train.popularity / max(1, len(split.train.users))
    users = [
        user
        for user in range(len(split.train.users))
        if len(split.held_out.history(user)) and len(split.train.history(user))
    ]
    lists, scores = [], []
    for done, user in enumerate(users):
        history = split.train.history(user)
        lists.append(metrics.top(model.score(history), k, history))
        scores.append(metrics.user_scores(lists[-1], split.held_out.history(user), k))
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


def _split(interactions: Interactions, hidden: np.ndarray) -> Split:
    return Split(_part(interactions, ~hidden), _part(interactions, hidden))


def _part(interactions: Interactions, kept: np.ndarray) -> Interactions:
    rows, columns = interactions.matrix.nonzero()
    values = interactions.matrix.data[kept]
    matrix = sparse.csr_array((values, (rows[kept], columns[kept])), shape=interactions.matrix.shape)
    times = None if interactions.times is None else interactions.times[kept]
    return Interactions(interactions.users, interactions.items, matrix, times)
