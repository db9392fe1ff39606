"""Recommenders side by side on what was held out, picked for as for a visitor."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from core.errors import N_, InvalidInputError
from core.pool import ModelPool
from core.scenarios.recommendation.background import in_background
from core.scenarios.recommendation.evaluating import Row, evaluate, evaluated_users
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.hybrid import Hybrid
from core.scenarios.recommendation.learning import reweighted
from core.scenarios.recommendation.picking import Wishes
from core.scenarios.recommendation.requests import check_recommender, check_weights, check_wishes
from core.scenarios.recommendation.splitting import SPLITS
from core.types import Progress

NO_WISHES = Wishes()
# The margins of figures over so many users are within about one percent.
MAX_USERS = 5000


def evaluate_all(
    models: ModelPool,
    fits: Fits,
    recommenders: Sequence[str],
    *,
    k: int = 10,
    split: str = SPLITS[0],
    seed: int = 42,
    wishes: Wishes = NO_WISHES,
    weights: Mapping[str, float] | None = None,
    max_users: int = MAX_USERS,
) -> Generator[Progress, None, tuple[Row, ...]]:
    """One row per recommender, at k items a list; what is fitted on the train part is kept for the next time.

    Of more than `max_users` users so many are drawn by the seed; a row says how many there were. Yields Progress.
    Raises InvalidInputError, also where leave-last-out is asked for without times.
    """
    wishes = replace(wishes, k=k)
    _check(recommenders, wishes, weights)
    parts = yield from in_background(lambda: fits.parts(split, seed), Progress(0, 0, "users"))
    users = evaluated_users(parts.split, max_users, seed)
    if not len(users):
        message = N_("Nobody in this data set has enough items to hold some out. Bring users with 5 or more.")
        raise InvalidInputError(message)
    vectors = yield from parts.fits.vectors(models)
    rows = []
    for name in recommenders:
        model = yield from parts.fits.fit(models, name)
        if isinstance(model, Hybrid) and weights is not None:
            model = reweighted(model, weights)
        rows.append(
            (yield from evaluate(model, parts.split, wishes, name=name, vectors=vectors, users=users))
        )
    return tuple(rows)


def _check(recommenders: Sequence[str], wishes: Wishes, weights: Mapping[str, float] | None) -> None:
    for name in recommenders:
        check_recommender(name)
    check_wishes(wishes)
    check_weights(weights)
