"""One recommender's list: items with their categories and scores, each with what can be done about it."""

from contextlib import suppress
from functools import partial

import streamlit as st

from components import recommendation_visit as visits
from components import recommendation_why as why
from components import recommendation_words as words
from components import results
from components.i18n import _, sentence
from components.markup import escape
from components.recommendation_lists import Lists
from components.recommendation_shop import Shop
from core.demos import Demo
from core.errors import DemoError, ModelLoadError
from core.scenarios.recommendation.picking import Pick
from core.showcase import showcase

ACTIONS = ("why", "like", "dismiss")
# These read the items' texts with a language model; the others learn from interactions alone.
READING = ("content", "hybrid")


def show(demo: Demo, shop: Shop, lists: Lists, name: str) -> None:
    """Items and badge; the name is there already."""
    if lists.equals_popularity(name):
        text = _("Equal to popularity: it knows nothing about you that the baseline does not.")
        st.caption(f":material/drag_handle: {text}")
    found = lists.found[name]
    with st.container(gap="xsmall", key=f"{demo.key}_{name}_items"):
        for place, pick in enumerate(found.picks, start=1):
            _show_item(demo, shop, name, place, pick)
    if not found.picks:
        st.caption(_("Nothing is left to recommend: everything is in the history or was dismissed."))
    _badge(shop, name, found.elapsed_ms)


def show_missing(error: DemoError | None) -> None:
    """A list that was refused, with its sentence, or that was not made."""
    if error:
        st.error(sentence(error), icon=":material/error:")
    else:
        st.caption(_("Not made."))


def head(name: str) -> None:
    """Name and idea."""
    st.markdown(f"**{words.recommender_title(name)}**")
    st.caption(words.recommender_idea(name))


def _show_item(demo: Demo, shop: Shop, name: str, place: int, pick: Pick) -> None:
    """A title that opens a menu; below it category and score."""
    titles = {
        "why": ":material/help: " + _("Why this?"),
        "like": ":material/thumb_up: " + _("I like it"),
        "dismiss": ":material/block: " + _("Not interested"),
    }
    key = f"{demo.key}_{name}_{pick.item}"
    with st.container(gap=None, key=f"{key}_row"):
        title = escape(shop.title(pick.item))
        # One line, so that the lists stay level; what does not fit is in the tooltip.
        st.menu_button(
            title,
            ACTIONS,
            format_func=titles.__getitem__,
            key=key,
            type="tertiary",
            wrap=False,
            help=title,
            on_click=partial(_act, demo, shop, name, pick.item, key),
        )
        category = words.shortened(shop.items.categories[pick.item], words.SHOWN_CATEGORY_CHARS)
        parts = [str(place), escape(category), f"{pick.score:z.2f}"]
        st.caption(" · ".join(part for part in parts if part))


def _act(demo: Demo, shop: Shop, name: str, item: int, key: str) -> None:
    item_id = shop.dataset.items.ids[item]
    action = st.session_state[key]
    if action == "why":
        why.choose(demo, name, item)
    elif action == "like":
        visits.like(demo, shop, item_id)
    else:
        visits.dismiss(demo, shop, item_id)


def _badge(shop: Shop, name: str, elapsed_ms: float) -> None:
    """Where the list comes from: ranking is done on the processor, whatever the language model runs on."""
    origin = _reader(shop, name)
    text = _("{origin} · cpu · {milliseconds} ms").format(
        origin=origin or _("learned here"), milliseconds=f"{elapsed_ms:.1f}"
    )
    color = "green" if origin else "gray"
    # Other than st.badge, this wraps where a list is narrow.
    st.markdown(f":{color}-badge[:material/memory: {text}]")


def _reader(shop: Shop, name: str) -> str | None:
    """The language model that read the items, if any did and it is still there."""
    if name in READING and shop.dataset.has_texts:
        with suppress(ModelLoadError):
            spec = showcase().models.pick("embedder-en")
            return f"{spec.model_id} · {results.tier_title(spec.tier)}"
    return None
