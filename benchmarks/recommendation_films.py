"""MovieLens latest-small: NDCG@10 of EASE and ALS beside reference runs on the same splits.

A user's films are split at random, 80 % to learn from and 20 % to find; every rating counts as one interaction. The
hyperparameters are chosen on a validation part of the 80 % (again 20 % of each user's), for each split anew and by
the reference implementations; ours take the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.recommendation_peers import als_lists, cosine_lists, ease_scores, ease_scores_by_users
from core.scenarios.recommendation import metrics
from core.scenarios.recommendation.als import fit_als
from core.scenarios.recommendation.ease import REGULARIZATION, fit_ease
from core.scenarios.recommendation.interactions import Interactions, interactions_of
from core.scenarios.recommendation.neighbours import fit_item_knn
from core.scenarios.recommendation.recommenders import Recommender, fit_popularity
from core.scenarios.recommendation.splitting import Split, random_split

K = 10
SEEDS = (1, 2, 3, 4, 5)
# Ours may be this much below the reference.
TOLERANCE = 0.005
REGULARIZATIONS = (50.0, 100.0, 200.0, 300.0, 500.0, 800.0, 1200.0)
FACTORS, ALS_REGULARIZATIONS, ALPHAS = (32, 64, 128), (1.0, 10.0, 30.0), (1.0, 5.0, 20.0)
NEIGHBOURS = (10, 20, 50, 100, 200, 500)
FEW_USERS = 40
Lists = Iterable[Sequence[int]]


@dataclass(frozen=True)
class Chosen:
    """The hyperparameters of one split, each best on its validation part."""

    ease_regularization: float
    als_factors: int
    als_regularization: float
    als_alpha: float
    neighbours: int


def read(data: Path) -> Interactions:
    ratings = pd.read_csv(
        data / "movielens-latest-small" / "ratings.csv.gz", dtype={"userId": str, "movieId": str}
    )
    return interactions_of(ratings["userId"], ratings["movieId"], ratings["timestamp"])


def ndcg(lists: Lists, split: Split) -> float:
    """The mean over the users with something to find, in the order of the users."""
    found = [
        metrics.user_scores(listed, held_out, K).ndcg
        for user, listed in enumerate(lists)
        if len(held_out := split.held_out.history(user))
    ]
    return float(np.mean(found))


def ranked(scores: Iterable[np.ndarray], train: Interactions) -> list[np.ndarray]:
    return [metrics.top(row, K, train.history(user)) for user, row in enumerate(scores)]


def ours(model: Recommender, train: Interactions) -> list[np.ndarray]:
    return ranked((model.score(train.history(user)) for user in range(len(train.users))), train)


def choose(train: Interactions, seed: int) -> Chosen:
    """By the reference implementations, on a part of `train` alone."""
    split = random_split(train, seed=seed)
    matrix = split.train.matrix
    ease = {
        regularization: ndcg(ranked(scores, split.train), split)
        for regularization, scores in ease_scores_by_users(matrix, REGULARIZATIONS)
    }
    als = {
        (factors, regularization, alpha): ndcg(
            als_lists(matrix, factors=factors, regularization=regularization, alpha=alpha, seed=seed, k=K),
            split,
        )
        for factors, regularization, alpha in product(FACTORS, ALS_REGULARIZATIONS, ALPHAS)
    }
    cosine = {count: ndcg(cosine_lists(matrix, neighbours=count, k=K), split) for count in NEIGHBOURS}
    return Chosen(max(ease, key=ease.get), *max(als, key=als.get), max(cosine, key=cosine.get))


def measure(interactions: Interactions, seed: int) -> dict[str, object]:
    """NDCG@10 on the test part of one split: ours, the references, and ours as the page has them."""
    split = random_split(interactions, seed=seed)
    train, matrix = split.train, split.train.matrix
    chosen = choose(train, seed)
    als = {
        "factors": chosen.als_factors,
        "regularization": chosen.als_regularization,
        "alpha": chosen.als_alpha,
        "seed": seed,
    }
    wanted = (chosen.ease_regularization,)
    _, reference = next(ease_scores_by_users(matrix, wanted))
    fits = {
        regularization: fit_ease(train, regularization=regularization)
        for regularization in {*wanted, REGULARIZATION}
    }
    figures = {
        "ease": ndcg(ours(fits[chosen.ease_regularization], train), split),
        "ease_reference": ndcg(ranked(reference, train), split),
        "als": ndcg(ours(fit_als(train, **als), train), split),
        "als_reference": ndcg(als_lists(matrix, **als, k=K), split),
        "item_knn": ndcg(ours(fit_item_knn(train), train), split),
        "item_knn_implicit": ndcg(cosine_lists(matrix, neighbours=chosen.neighbours, k=K), split),
        "popularity": ndcg(ours(fit_popularity(train), train), split),
        "ease_default": ndcg(ours(fits[REGULARIZATION], train), split),
        "als_default": ndcg(ours(fit_als(train), train), split),
    }
    return {
        "seed": seed,
        "chosen": asdict(chosen),
        "ndcg_at_10": {name: round(each, 4) for name, each in figures.items()},
    }


def references_apart(interactions: Interactions) -> float:
    """The largest difference between the two ways to write EASE down, on the films of a few users."""
    few = interactions.matrix[:FEW_USERS]
    few = few[:, np.unique(few.indices)]
    _, scores = next(ease_scores_by_users(few, (REGULARIZATION,)))
    return float(np.abs(ease_scores(few, regularization=REGULARIZATION) - scores).max())


def films(data: Path, *, seeds: Sequence[int] = SEEDS) -> dict[str, object]:
    interactions = read(data)
    rows = []
    for seed in seeds:
        rows.append(measure(interactions, seed))
        print(rows[-1], flush=True)
    names = rows[0]["ndcg_at_10"]
    means = {name: round(float(np.mean([row["ndcg_at_10"][name] for row in rows])), 4) for name in names}
    passed = all(means[name] >= means[f"{name}_reference"] - TOLERANCE for name in ("ease", "als"))
    return {
        "users": len(interactions.users),
        "items": len(interactions.items),
        "interactions": interactions.count,
        "rows": rows,
        "ease_references_apart": references_apart(interactions),
        "mean": means,
        "passed": passed,
    }
