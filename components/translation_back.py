"""Back-translation: what the translation says when it is translated again, and where that differs."""

import streamlit as st

from components import page, results
from components.i18n import _
from components.markup import highlights
from components.translation_jobs import Job
from core.demos import Demo
from core.scenarios.translation.back_translation import BackTranslation, check_back
from core.scenarios.translation.results import Translation
from core.showcase import showcase

DIFFERENT = "orange"


def show(demo: Demo, job: Job, translation: Translation) -> None:
    """The button, and once it was pressed both texts with the words marked that differ."""
    label, place = _("Check it by translating back"), st.empty()
    if job.back is None and place.button(label, key=f"{demo.key}_back", icon=":material/sync_alt:"):
        place.empty()
        with page.running(_("Translating back…"), action="translate_back"):
            job.back = _checked(translation)
    if job.back is not None:
        _show(demo, translation, job.back)


def _checked(translation: Translation) -> BackTranslation:
    bar, steps = st.progress(0.0), check_back(showcase().models, translation)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            bar.empty()
            return end.value
        bar.progress(step.fraction)


def _show(demo: Demo, translation: Translation, back: BackTranslation) -> None:
    with st.expander(
        _("Back-translation"), icon=":material/sync_alt:", key=f"{demo.key}_back_shown", expanded=True
    ):
        if back.similarity is not None:
            st.progress(min(1.0, max(0.0, back.similarity)), text=_similarity_text(back.similarity))
        left, right = st.columns(2)
        left.caption(_("Your text"))
        left.markdown(highlights(translation.source_text, [(*span, DIFFERENT) for span in back.source_spans]))
        right.caption(_("Translated back"))
        right.markdown(highlights(back.text, [(*span, DIFFERENT) for span in back.back_spans]))
        st.caption(
            _(
                "Marked words differ. A difference may come from either way; no difference is a good sign, no proof."
            )
        )
        if back.model:
            results.badge(back.model)


def _similarity_text(similarity: float) -> str:
    return _("Similarity of meaning: {similarity} of 1").format(similarity=f"{similarity:.2f}")
