"""How each recommender is learned from a shop: a generator of Progress for each, without threads or memory."""

from collections.abc import Generator, Mapping
from dataclasses import replace

from core.errors import N_, InvalidInputError
from core.scenarios.recommendation.als import Factors, als_steps
from core.scenarios.recommendation.content import Content
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.ease import ease_steps, fits_in_memory
from core.scenarios.recommendation.hybrid import Hybrid, blend
from core.scenarios.recommendation.index import MIN_ITEMS, build_index
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.neighbours import item_knn_steps
from core.scenarios.recommendation.recommenders import Popularity, Recommender, fit_popularity
from core.scenarios.recommendation.workshop import Job
from core.types import Progress

# Of the hybrid, until the visitor moves them.
HYBRID_WEIGHTS: Mapping[str, float] = {"popularity": 0.1, "content": 0.3, "ease": 0.6}


def hybrid_weights(dataset: Dataset) -> dict[str, float]:
    """The parts of this shop's hybrid: ALS in the place of EASE for a large catalogue, no content without texts."""
    weights = dict(HYBRID_WEIGHTS)
    if not fits_in_memory(dataset.item_count):
        weights["als"] = weights.pop("ease")
    if not dataset.has_texts:
        del weights["content"]
    return weights


def reweighted(hybrid: Hybrid, weights: Mapping[str, float]) -> Hybrid:
    """With these weights; what is given to EASE goes to ALS where that stands in its place.

    Raises InvalidInputError where no part has a say.
    """
    given = dict(weights)
    if "als" in hybrid.parts:
        given.setdefault("als", given.get("ease", 0.0))
    changed = hybrid.weighted(given)
    if not any(changed.weights.values()):
        message = N_("This hybrid is made of {parts}. Give at least one of them a weight above 0.")
        raise InvalidInputError(message, parts=", ".join(hybrid.parts))
    return changed


def learn(name: str, interactions: Interactions) -> Generator[Progress, None, Recommender]:
    """The recommender of this name, of those that learn from interactions alone. Raises KeyError for another."""
    ways = {"popularity": _popularity, "item-knn": item_knn_steps, "ease": ease_steps, "als": _als}
    return ways[name](interactions)


def learn_content(dataset: Dataset, vectors: Job) -> Generator[Progress, None, Content]:
    """From the items' vectors. Raises InvalidInputError where nothing is known of the items."""
    if not dataset.has_texts:
        message = N_(
            "Nothing is known of the items but their ids, so their texts cannot be compared. Upload a file of items "
            "with titles, or choose another recommender."
        )
        raise InvalidInputError(message)
    found = yield from vectors.followed()
    return Content(found, (yield from build_index(found)) if len(found) > MIN_ITEMS else None)


def learn_hybrid(dataset: Dataset, jobs: Mapping[str, Job]) -> Generator[Progress, None, Hybrid]:
    """From its parts, each the work of another job."""
    parts = {}
    for name, job in jobs.items():
        parts[name] = yield from job.followed()
    return (yield from blend(parts, hybrid_weights(dataset), dataset.interactions))


def _popularity(interactions: Interactions) -> Generator[Progress, None, Popularity]:
    yield Progress(0, 1, "steps")
    return fit_popularity(interactions)


def _als(interactions: Interactions) -> Generator[Progress, None, Factors]:
    model = yield from als_steps(interactions)
    if len(model.items) <= MIN_ITEMS:
        return model
    return replace(model, index=(yield from build_index(model.items)))
