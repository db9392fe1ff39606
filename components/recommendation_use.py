"""Use it in your product: the call that makes the list, as curl and as Python; own data have a call before it."""

import shlex

import streamlit as st

from components import recommendation_focus as focus
from components import recommendation_visit as visits
from components import use_it
from components.i18n import _
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo

PATH = "/api/recommendation"


def show(demo: Demo, shop: Shop, lists: Lists) -> None:
    if shop.is_own:
        _show_datasets(shop)
    use_it.show(f"{PATH}/recommend", body(demo, shop, lists), key=demo.key)
    st.caption(_("POST {path} measures recommenders on held-out items.").format(path=f"`{PATH}/evaluate`"))


def body(demo: Demo, shop: Shop, lists: Lists) -> dict[str, object]:
    """What asks for the list that is looked at; the sample shop needs no id."""
    wishes, user = lists.request.wishes, visits.user(demo, shop)
    own = {"dataset": shop.dataset_id} if shop.is_own else {}
    is_users = user is not None and not visits.visit(demo, shop).liked
    asker = {"user": user} if is_users else {"history": list(lists.request.history)}
    excluded = {"exclude": list(lists.request.excluded)} if lists.request.excluded else {}
    recommender = focus.current(demo, lists)
    weights = {"weights": dict(lists.request.weights)} if recommender == "hybrid" else {}
    wished = {"k": wishes.k, "diversity": wishes.diversity, "novelty": wishes.novelty}
    return {**own, **asker, **excluded, "recommender": recommender, **wished, **weights}


def _show_datasets(shop: Shop) -> None:
    st.caption(_("Bring your data first; the answer has the id that the next call names."))
    name = shlex.quote(f"interactions=@{shop.dataset.name}")
    curl = f"curl -X POST {use_it.origin()}{PATH}/datasets \\\n  -F {name} \\\n  -F items=@items.csv"
    st.code(curl, language="bash", wrap_lines=True)
