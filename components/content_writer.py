"""Which model writes on this page: the one that serves now, or another one that is on this machine."""

import streamlit as st

from components import failures, navigation
from components.i18n import _, link_params
from core.catalog import ModelSpec
from core.demos import Demo
from core.scenarios.content.writers import pick_writer, writers_here
from core.showcase import showcase
from core.types import Tier


def current(demo: Demo) -> ModelSpec:
    """The writer in use, with a choice where there are several. Without any the page ends with a sentence."""
    models = showcase().models
    with failures.shown():
        specs = {spec.model_id: spec for spec in writers_here(models)}
        usual = pick_writer(models)
        return specs.get(_chosen(demo, specs, usual.model_id), usual)
    st.page_link(
        navigation.operations_page(),
        label=_("Operations"),
        icon=":material/monitoring:",
        query_params=link_params(),
    )
    return st.stop()


def chosen_id(demo: Demo) -> str | None:
    """The id of the model that was chosen here; None leaves it to the pool."""
    return st.session_state.get(f"{demo.key}_model")


def say_what_it_is(writer: ModelSpec) -> None:
    """What to expect of the starter, before anybody is disappointed."""
    if writer.tier is Tier.STARTER:
        text = _(
            "{model} is a starter model of {size} MB: it writes simple copy, and makes mistakes. "
            "The checks find broken limits, not every mistake: read before you publish."
        )
        st.caption(text.format(model=writer.title, size=round(writer.size_mb)))


def _chosen(demo: Demo, specs: dict[str, ModelSpec], usual_id: str) -> str:
    if len(specs) < 2:
        return usual_id
    key = f"{demo.key}_model"
    if st.session_state.get(key) not in specs:
        st.session_state[key] = usual_id
    return st.selectbox(
        _("Writer"),
        list(specs),
        format_func=lambda model_id: specs[model_id].title,
        key=key,
        persist_state="session",
    )
