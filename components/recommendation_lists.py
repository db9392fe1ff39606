"""The lists of all recommenders for the same history and wishes, made anew when those change."""

from dataclasses import dataclass, field, replace

import streamlit as st

from components import recommendation_visit as visits
from components import recommendation_wishes as wishes
from components import recommendation_work as work
from components.recommendation_shop import Shop
from components.recommendation_work import Steps
from core.demos import Demo
from core.errors import DemoError
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.recommending import Recommended, Request, recommend
from core.showcase import showcase

WORK = "lists"


@dataclass(eq=False)
class Lists:
    """What each recommender answers to the same request; `found` and `refused` fill while it is worked on."""

    number: int
    """No other lists of the session ever get it."""
    fits: Fits
    names: tuple[str, ...]
    request: Request
    found: dict[str, Recommended] = field(default_factory=dict)
    refused: dict[str, DemoError] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[str, ...]:
        """The recommenders whose lists are there and not empty, in the order of the page."""
        return tuple(name for name in self.names if name in self.found and self.found[name].picks)

    def request_of(self, name: str) -> Request:
        weights = self.request.weights if name == "hybrid" else None
        return replace(self.request, recommender=name, weights=weights)

    def equals_popularity(self, name: str) -> bool:
        """Whether this list says nothing that the baseline's doesn't."""
        baseline = self.found.get("popularity")
        if name == "popularity" or baseline is None or name not in self.found:
            return False
        return [each.item for each in self.found[name].picks] == [each.item for each in baseline.picks]

    def is_for(self, fits: Fits, names: tuple[str, ...], request: Request) -> bool:
        return self.fits is fits and (self.names, self.request) == (names, request)

    def steps(self) -> Steps:
        """Make the lists, the quick ones first; what one recommender refuses does not stop the others."""
        for name in sorted(
            self.names, key=("popularity", "item-knn", "ease", "als", "content", "hybrid").index
        ):
            try:
                self.found[name] = yield from recommend(showcase().models, self.fits, self.request_of(name))
            except DemoError as error:
                self.refused[name] = error


def current(demo: Demo, shop: Shop) -> Lists:
    """The lists for what is asked now; those of the last run where nothing has changed."""
    history = visits.history(demo, shop)
    # Without a history nobody but the baseline has anything to go by.
    names = wishes.recommenders(demo, shop) if history else ("popularity",)
    request = Request(
        history=history,
        wishes=wishes.wishes(demo),
        excluded=tuple(visits.visit(demo, shop).dismissed),
        weights=wishes.weights(demo, shop),
    )
    lists: Lists | None = st.session_state.get(_key(demo))
    if lists is None or not lists.is_for(shop.fits, names, request):
        number = lists.number + 1 if lists else 1
        lists = st.session_state[_key(demo)] = Lists(number, shop.fits, names, request)
    return lists


def forget(demo: Demo) -> None:
    """Let the next run make them anew, as after a refusal."""
    lists: Lists = st.session_state[_key(demo)]
    lists.refused.clear()
    work.forget(demo, WORK)


def _key(demo: Demo) -> str:
    return f"{demo.key}_lists"
