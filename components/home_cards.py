"""The cards of Home: drawn once for each language and state of the models, and then shown again to everyone."""

from collections.abc import Sequence

import streamlit as st

from components import navigation
from components.i18n import _, language, link_params
from components.models import DemoStatus
from core.demos import DEMOS
from core.showcase import showcase

# Two languages, and the states that the models of six demos go through while they are loaded.
MOST_KEPT = 64


def show(statuses: Sequence[DemoStatus]) -> None:
    """A card for each demo, with how it stands and the link to its page."""
    # What is shown again tells an agent nothing of itself.
    draw = _draw if showcase().settings.agent_api else _draw_again
    # By name, as Streamlit looks up the names of arguments without one each time.
    draw(language=language(), badges=tuple(status.badge for status in statuses))


def _draw(language: str, badges: tuple[str, ...]) -> None:
    cards = st.grid(3, min_column_width=280, row_height="content", key="home_cards")
    for demo, badge in zip(DEMOS, badges, strict=True):
        with cards.container(border=True, height="stretch", key=f"home_card_{demo.key}"):
            st.markdown(f"### {demo.icon} {_(demo.title)}\n{_(demo.tagline)}\n\n{badge}")
            if not demo.is_coming:
                page, icon = navigation.demo_link(demo), ":material/arrow_forward:"
                st.page_link(page, label=_("Open"), icon=icon, query_params=link_params())


_draw_again = st.cache_resource(_draw, show_spinner=False, max_entries=MOST_KEPT)
