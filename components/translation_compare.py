"""Two models side by side: the same text, their words, their times."""

import streamlit as st

from components import navigation, page, results
from components.i18n import _, link_params
from components.markup import escape
from components.translation_jobs import Job
from core.catalog import ModelSpec
from core.demos import Demo
from core.scenarios.translation.growing import GrowingTranslation
from core.scenarios.translation.results import Translation
from core.showcase import showcase


def show(demo: Demo, job: Job | None) -> None:
    """Translate the same text with another model of this machine, or say how to get one."""
    if job is None or not job.work.is_finished or job.work.so_far().model is None:
        st.info(_("Translate a text first; then let another model translate it too."))
        return
    first = job.work.so_far()
    others = _others(first)
    if not others:
        _offer(first)
        return
    titles = {spec.model_id: spec.title for spec in others}
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    model_id = choice.selectbox(
        _("The other model"), list(titles), format_func=titles.__getitem__, key=f"{demo.key}_second"
    )
    label = _("Translate with it too")
    if button.button(label, key=f"{demo.key}_compare", type="primary", width="stretch"):
        with page.running(_("Translating…"), action="translate"):
            job.second = _translated(job.work, model_id)
    if job.second:
        _side_by_side(first, job.second)


def _others(first: Translation) -> list[ModelSpec]:
    """The models on this machine that translate in this direction, but for the one in use."""
    return [
        spec
        for spec in _candidates(first)
        if spec.model_id != first.model.model_id and showcase().models.choice.is_local(spec)
    ]


def _candidates(first: Translation) -> tuple[ModelSpec, ...]:
    return showcase().models.catalog.candidates(f"translator-{first.source}-{first.target}")


def _offer(first: Translation) -> None:
    """Say which other models there are, and where to fetch them."""
    text = _("{model} is the only translation model on this machine.")
    st.markdown(text.format(model=escape(first.model.model_id)))
    choice = showcase().models.choice
    more = [
        spec for spec in _candidates(first) if spec.model_id != first.model.model_id and choice.fits(spec)
    ]
    if not more:
        return
    st.markdown(_("These can be fetched:"))
    for spec in more:
        st.markdown(f"- {escape(spec.title)} :gray[· {spec.license} · {spec.size_mb:,.0f} MB]")
    label = _("Load a larger model on the operations page")
    icon = ":material/monitoring:"
    st.page_link(navigation.operations_page(), label=label, icon=icon, query_params=link_params())


def _translated(work: GrowingTranslation, model_id: str) -> Translation:
    """The same request by another model, without memory, so that it is the model's own."""
    again = work.by(model_id)
    bar = st.progress(0.0)
    for step in again.steps(showcase().models):
        bar.progress(step.fraction)
    bar.empty()
    return again.so_far()


def _side_by_side(first: Translation, second: Translation) -> None:
    for column, translation in zip(st.columns(2, gap="large"), (first, second), strict=True):
        with column.container(border=True):
            st.markdown(escape(translation.text))
            results.badge(translation.model)
