"""What the front doors call: a list for a history, why, what if, and how good it is."""

import time
from collections.abc import Generator

from core.pool import ModelPool
from core.scenarios.recommendation.comparing import evaluate_all
from core.scenarios.recommendation.evaluating import Row
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.hybrid import Hybrid
from core.scenarios.recommendation.learning import HYBRID_WEIGHTS, hybrid_weights, reweighted
from core.scenarios.recommendation.picking import Catalogue, Pick, Wishes, leaving_without, pick
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
    """For each liked item, which items leave the list without it: a whole list is made anew and compared."""
    shown = yield from recommend(models, fits, request)
    catalogue = yield from _catalogue(models, fits, request.wishes)
    ids = fits.dataset.interactions.items
    excluded = fits.dataset.numbers(request.excluded).tolist()
    leaving = {}
    for done, liked in enumerate(shown.history.tolist()):
        yield Progress(done, len(shown.history), "items")
        left = leaving_without(
            shown.model, shown.history, catalogue, request.wishes, liked=liked, excluded=excluded
        )
        leaving[ids[liked]] = tuple(ids[item] for item in left)
    return leaving


def _catalogue(models: ModelPool, fits: Fits, wishes: Wishes) -> Generator[Progress, None, Catalogue]:
    """What picking needs to know of the items: their vectors only where difference is wished."""
    vectors = (yield from fits.vectors(models)) if wishes.diversity else None
    return Catalogue(vectors, fits.dataset.interactions.shares)
