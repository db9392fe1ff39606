"""Recommendation: what somebody likes in, lists with reasons out, several recommenders side by side."""

import streamlit as st

from components import (
    about,
    page,
    recommendation_business,
    recommendation_cards,
    recommendation_export,
    recommendation_lists,
    recommendation_map,
    recommendation_quality,
    recommendation_shop,
    recommendation_upload,
    recommendation_use,
    recommendation_what_if,
    recommendation_who,
    recommendation_why,
    recommendation_wishes,
)
from components.i18n import _
from core import demos

demo = demos.RECOMMENDATION
page.header(demo)
example = page.examples(demo)
if example:
    recommendation_who.take_example(demo, example)

left, right = st.columns([2, 7], gap="medium")
with left:
    shop = recommendation_shop.current(demo)
    recommendation_shop.describe(demo, shop)
    recommendation_upload.show(demo)
    recommendation_who.ask(demo, shop)
    recommendation_wishes.ask(demo, shop)

with right:
    lists = recommendation_lists.current(demo, shop)
    recommendation_cards.show(demo, shop, lists)
recommendation_why.open_window(demo, shop, lists)

page.sections(
    demo,
    {
        "why": (_("Why"), lambda: recommendation_why.show(demo, shop, lists)),
        "what-if": (_("What if"), lambda: recommendation_what_if.show(demo, shop, lists)),
        "how-good": (_("How good"), lambda: recommendation_quality.show(demo, shop)),
        "map": (_("Map of the catalogue"), lambda: recommendation_map.show(demo, shop, lists)),
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "use-it": (_("Use it in your product"), lambda: recommendation_use.show(demo, shop, lists)),
        "business": (_("Business view"), lambda: recommendation_business.show(demo)),
        "export": (_("Export"), lambda: recommendation_export.show(demo, shop, lists)),
    },
)
