"""Translation: text or file in, translation out, with what was kept and respected beside it."""

import streamlit as st

from components import (
    about,
    business,
    page,
    results,
    translation_compare,
    translation_export,
    translation_files,
    translation_glossary,
    translation_jobs,
    translation_memory,
    translation_quality,
    translation_result,
    translation_settings,
    translation_use,
)
from components.i18n import _
from core import demos
from core.scenarios.translation.translating import TranslationRequest

demo = demos.TRANSLATION
page.header(demo)
example = page.examples(demo)
if example:
    translation_settings.take(demo, example)

left, right = st.columns(2, gap="large")
with left:
    mode = translation_settings.mode(demo)
    options = translation_settings.options(demo)
    translation_glossary.count(demo)
    if mode == "file":
        translation_files.ask(demo, options)
    else:
        text, submitted = translation_settings.text_and_submit(demo)

with right:
    if mode == "file":
        translation_files.show(demo, translation_jobs.current(demo, "file"))
    else:
        if submitted or example:
            translation_jobs.begin_text(demo, TranslationRequest(text=text, **vars(options)))
        translation_result.show(demo, translation_jobs.current(demo, "text"))

text_job = translation_jobs.current(demo, "text")
file_job = translation_jobs.current(demo, "file")
page.sections(
    demo,
    {
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "glossary": (_("Glossary"), lambda: translation_glossary.show(demo)),
        "memory": (_("Translation memory"), lambda: translation_memory.show(demo)),
        "compare": (_("Two models"), lambda: translation_compare.show(demo, text_job)),
        "how-good": (_("How good"), lambda: translation_quality.show(demo)),
        "use-it": (
            _("Use it in your product"),
            lambda: (
                translation_use.show_file(file_job, options)
                if mode == "file"
                else translation_use.show_text(demo, text_job, options)
            ),
        ),
        "business": (_("Business view"), lambda: business.show_words_saving(demo, usable_share=0.5)),
        "export": (
            _("Export"),
            lambda: results.downloads("translation", translation_export.rows(text_job), key=demo.key),
        ),
    },
)
