"""What the front doors call: a list for a history, why, what if, and how good it is."""

import time
from collections.abc import Generator
from dataclasses import replace

from core.pool import ModelPool
from core.scenarios.recommendation.comparing import evaluate_all
from core.scenarios.recommendation.evaluating import Row
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.hybrid import Hybrid
from core.scenarios.recommendation.learning import HYBRID_WEIGHTS, hybrid_weights, reweighted
from core.scenarios.recommendation.picking import Catalogue, Pick, Wishes, pick
from core.scenarios.recommendation.reasons import Reason
from core.scenarios.recommendation.reasons import reasons as _reasons
from core.scenarios.recommendation.requests import RECOMMENDERS, Recommended, Request, check
from core.scenarios.recommendation.splitting import SPLITS
from core.types import Progress

__all__ = [
    "HYBRID_WEIGHTS",
    "RECOMMENDERS",
    "SPLITS",
    "Reason",
    "Recommended",
    "Request",
    "Row",
    "Wishes",
    "evaluate_all",
    "hybrid_weights",
    "reasons",
    "recommend",
    "what_if",
]


def recommend(models: ModelPool, fits: Fits, request: Request) -> Generator[Progress, None, Recommended]:
    """Fit what is missing, yielding Progress, then pick. Raises InvalidInputError, NotFoundError, what `fit` raises."""
    check(request)
    dataset = fits.dataset
    history, excluded = dataset.numbers(request.history), dataset.numbers(request.excluded)
    name = request.recommender if len(history) else "popularity"
    model = yield from fits.fit(models, name)
    if isinstance(model, Hybrid) and request.weights is not None:
        model = reweighted(model, request.weights)
    catalogue = yield from _catalogue(models, fits, request.wishes)
    began_s = time.perf_counter()
    picks = pick(model, history, catalogue, request.wishes, excluded=excluded.tolist())
    return Recommended(name, model, history, tuple(picks), (time.perf_counter() - began_s) * 1000)


def reasons(fits: Fits, recommended: Recommended, pick: Pick) -> tuple[Reason, ...]:
    """Why this item is in the list: terms that sum to its score within 1e-5."""
    return _reasons(recommended, pick)


def what_if(
    models: ModelPool, fits: Fits, request: Request
) -> Generator[Progress, None, dict[str, tuple[str, ...]]]:
    """For each liked item, which items leave the list without it: each time the whole list is made anew.

    What was taken out isn't recommended in turn: that would push another item out.
    """
    before = (yield from recommend(models, fits, request)).picks
    ids = fits.dataset.interactions.items
    leaving = {}
    for done, liked in enumerate(dict.fromkeys(request.history)):
        yield Progress(done, len(request.history), "items")
        rest = tuple(item for item in request.history if item != liked)
        without = replace(request, history=rest, excluded=(*request.excluded, liked))
        after = {each.item for each in (yield from recommend(models, fits, without)).picks}
        leaving[liked] = tuple(ids[each.item] for each in before if each.item not in after)
    return leaving


def _catalogue(models: ModelPool, fits: Fits, wishes: Wishes) -> Generator[Progress, None, Catalogue]:
    """What picking needs to know of the items: their vectors only where difference is wished."""
    vectors = (yield from fits.vectors(models)) if wishes.diversity else None
    return Catalogue(vectors, fits.dataset.interactions.shares)
