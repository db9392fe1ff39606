"""Image classification: pictures in, labels out, with the reason, and classes of one's own."""

import streamlit as st

from components import (
    about,
    images_business,
    images_classifier,
    images_confusion,
    images_input,
    images_quality,
    images_result,
    images_shelf,
    images_table,
    images_teach,
    images_use,
    page,
)
from components.i18n import _
from core import demos

demo = demos.IMAGE_CLASSIFICATION
page.header(demo)
example = page.examples(demo)
if example:
    images_input.take_example(demo, example)
    images_classifier.take_example(demo, example)

left, right = st.columns([2, 3], gap="large")
with left:
    classifier = images_classifier.choose(demo)
    images_input.ask(demo)

with right:
    shelf = images_shelf.current(demo, classifier)
    images_result.show(demo, shelf)

page.sections(
    demo,
    {
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "how-good": (_("How good"), lambda: images_quality.show(demo)),
        "teach": (_("Teach it your classes"), lambda: images_teach.show(demo, classifier)),
        "table": (_("Many pictures"), lambda: images_table.show(demo, shelf)),
        "confusion": (_("Right and wrong"), lambda: images_confusion.show(demo, shelf)),
        "use-it": (_("Use it in your product"), lambda: images_use.show(demo, shelf, classifier)),
        "business": (_("Business view"), lambda: images_business.show_saving(demo, named_share=0.6)),
        "export": (_("Export"), lambda: images_table.export(demo, shelf)),
    },
)
