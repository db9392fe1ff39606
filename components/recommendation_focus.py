"""Which of the lists side by side is looked at closely below them."""

import streamlit as st

from components import page
from components import recommendation_words as words
from components.i18n import _
from components.recommendation_lists import Lists
from core.demos import Demo


def choose(demo: Demo, lists: Lists) -> str | None:
    """The recommender that is chosen; None, and a sentence, while there is no list."""
    if not lists.shown or not lists.request.history:
        st.caption(_("Pick items that you like first; then there is something to explain."))
        return None
    key, linked = _key(demo), st.query_params.get(_key(demo))
    # Without a choice of the visitor's, which is in the link, the first: others may not have been there before.
    st.session_state[key] = linked if linked in lists.shown else lists.shown[0]
    return st.segmented_control(
        _("List"),
        lists.shown,
        format_func=words.recommender_title,
        required=True,
        key=key,
        on_change=page.put_into_link,
        args=(key,),
    )


def set_to(demo: Demo, name: str) -> None:
    st.session_state[_key(demo)] = name
    page.put_into_link(_key(demo))


def current(demo: Demo, lists: Lists) -> str:
    """The recommender that was chosen last, or the first one."""
    chosen = st.query_params.get(_key(demo))
    return chosen if chosen in lists.names else lists.names[0]


def _key(demo: Demo) -> str:
    return f"{demo.key}_recommender"
