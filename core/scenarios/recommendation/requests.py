"""What a visitor asks for, what comes back, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.errors import N_, InvalidInputError
from core.limits import MAX_RECOMMENDATIONS
from core.scenarios.recommendation.picking import Pick, Wishes
from core.scenarios.recommendation.recommenders import Recommender

RECOMMENDERS = ("popularity", "content", "item-knn", "ease", "als", "hybrid")
SHOWN_CHARS = 40


@dataclass(frozen=True)
class Request:
    """What a visitor asks for: items by their ids; `weights` are those of the hybrid's parts."""

    recommender: str = "hybrid"
    history: tuple[str, ...] = ()
    wishes: Wishes = Wishes()
    excluded: tuple[str, ...] = ()
    weights: Mapping[str, float] | None = field(default=None, hash=False)


@dataclass(frozen=True, eq=False)
class Recommended:
    """A list for a history of item numbers, ascending; `recommender` is who answered.

    Without a history that is "popularity", whatever was asked: nobody else has anything to go by.
    """

    recommender: str
    model: Recommender
    history: np.ndarray
    picks: tuple[Pick, ...]
    elapsed_ms: float


def check(request: Request) -> None:
    """Raises InvalidInputError for what no list can be made of."""
    check_recommender(request.recommender)
    check_wishes(request.wishes)
    check_weights(request.weights)


def check_recommender(name: str) -> None:
    if name not in RECOMMENDERS:
        message = N_('There is no recommender "{name}". Choose one of: {names}.')
        raise InvalidInputError(message, name=name[:SHOWN_CHARS], names=", ".join(RECOMMENDERS))


def check_wishes(wishes: Wishes) -> None:
    if not 1 <= wishes.k <= MAX_RECOMMENDATIONS:
        message = N_("Ask for 1 to {limit} recommendations (this asks for {count}).")
        raise InvalidInputError(message, limit=MAX_RECOMMENDATIONS, count=wishes.k)
    if not 0 <= wishes.diversity <= 1:
        message = N_("Give the diversity a value from 0 to 1 (this is {value}).")
        raise InvalidInputError(message, value=wishes.diversity)
    if not 0 <= wishes.novelty <= 1:
        message = N_("Give the novelty a value from 0 to 1 (this is {value}).")
        raise InvalidInputError(message, value=wishes.novelty)


def check_weights(weights: Mapping[str, float] | None) -> None:
    if weights is None:
        return
    # Written so that a value that is no number is refused too.
    if not all(0 <= weight <= 1 for weight in weights.values()) or not any(weights.values()):
        message = N_("Give the parts of the hybrid weights from 0 to 1, at least one of them above 0.")
        raise InvalidInputError(message)
