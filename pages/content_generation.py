"""Content generation: a brief, drafts side by side with what was checked, and what to do with them."""

import streamlit as st

from components import (
    about,
    content_batch,
    content_board,
    content_brief,
    content_business,
    content_cards,
    content_compare,
    content_export,
    content_link,
    content_order,
    content_quality,
    content_writer,
    content_writing,
    page,
    use_it,
)
from components.i18n import _
from core import demos

demo = demos.CONTENT_GENERATION
page.header(demo)
example = page.examples(demo)
writer = content_writer.current(demo)
content_brief.fill(demo, writer, example)
submitted = content_brief.ask(demo, writer)
status, board = st.container(horizontal=True, vertical_alignment="center"), st.empty()

order = content_board.next_order(demo)
if submitted or example:
    order = content_order.order(demo, content_writer.chosen_id(demo))
    content_link.update(demo)
if order:
    content_writing.write(demo, order, status=status, place=board)

with board.container():
    content_cards.show(demo)

body = content_order.body(demo, content_writer.chosen_id(demo))
page.sections(
    demo,
    {
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "how-good": (_("How good"), lambda: content_quality.show(demo, writer)),
        "compare": (_("Compare"), lambda: content_compare.show(demo)),
        "batch": (_("Many at once"), lambda: content_batch.show(demo)),
        "use-it": (
            _("Use it in your product"),
            lambda: use_it.show("/api/content/generate", body, key=demo.key),
        ),
        "business": (_("Business view"), lambda: content_business.show_saving(demo)),
        "export": (_("Export"), lambda: content_export.show(demo)),
    },
)
