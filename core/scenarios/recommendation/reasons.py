"""Why an item is in the list: what each liked item, popularity and the wishes add, which together is its score."""

from dataclasses import dataclass

from core.scenarios.recommendation.hybrid import Hybrid
from core.scenarios.recommendation.picking import Pick
from core.scenarios.recommendation.recommenders import Recommender
from core.scenarios.recommendation.requests import Recommended


@dataclass(frozen=True)
class Reason:
    """One term of a score.

    `kind` is "liked" (then `item` is the liked item's number), "popularity", "scale" (what brings the scores of the
    candidates to 0..1), "novelty" or "diversity" (0 or less: too like what stands above). `part` says which
    recommender of the hybrid the term comes from, or which recommender it was.
    """

    kind: str
    item: int | None
    value: float
    part: str = ""


def reasons(recommended: Recommended, pick: Pick) -> tuple[Reason, ...]:
    """The terms of a pick other than 0; liked items first, the largest first. They sum to `pick.score` within 1e-5."""
    liked, others = [], []
    for part, factor, model in _parts(recommended):
        terms = model.terms(recommended.history, pick.item)
        weight = pick.scale * factor
        own = zip(recommended.history.tolist(), (weight * terms.from_history).tolist(), strict=True)
        liked += [Reason("liked", item, value, part) for item, value in own]
        others.append(Reason("popularity", None, weight * terms.base, part))
    liked.sort(key=lambda reason: -abs(reason.value))
    others += [
        Reason("scale", None, pick.shift),
        Reason("novelty", None, pick.novelty),
        Reason("diversity", None, pick.redundancy),
    ]
    return tuple(reason for reason in (*liked, *others) if reason.value)


def _parts(recommended: Recommended) -> list[tuple[str, float, Recommender]]:
    """Name, factor and model of what the score is made of."""
    model = recommended.model
    if isinstance(model, Hybrid):
        return [(name, model.factor(name), part) for name, part in model.parts.items()]
    return [(recommended.recommender, 1.0, model)]
