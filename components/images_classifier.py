"""Which model looks: for everyday things, for products, for labels or classes of the visitor's own."""

import streamlit as st

from components import failures, navigation, page
from components.i18n import _, link_params
from core.belongings import LIFETIME_S
from core.catalog import ModelSpec
from core.demos import Demo, Example
from core.errors import NotFoundError
from core.limits import MAX_OWN_LABELS, MAX_TOP_K
from core.scenarios.images.classify import Classifier
from core.scenarios.images.models import (
    OWN_LABELS,
    PRODUCTS,
    candidates,
    models_here,
    pick_model,
    takes_labels,
)
from core.scenarios.images.taught import Taught
from core.showcase import showcase

TAUGHT = "taught"
TOP_K = ("1", "3", "5", "10", str(MAX_TOP_K))
DEFAULT_TOP_K = "5"


def choose(demo: Demo) -> Classifier | None:
    """The model that was chosen; None while something is missing. Without any model the page ends with a sentence."""
    specs, taught = _specs(demo), own_classes(demo)
    key = f"{demo.key}_model"
    options = ((TAUGHT,) if taught else ()) + tuple(specs)
    if (wanted := st.session_state.pop(f"{key}_next", None)) in options:
        st.session_state[key] = wanted
        page.put_into_link(key)
    page.linked(key, options, pick_model(showcase().models).model_id)
    titles = {model_id: _title(spec) for model_id, spec in specs.items()} | {TAUGHT: _taught_title(taught)}
    row = st.container(horizontal=True, vertical_alignment="bottom", key=f"{demo.key}_model_row")
    chosen = row.selectbox(
        _("What to look for"),
        options,
        format_func=titles.__getitem__,
        key=key,
        on_change=page.put_into_link,
        args=(key,),
    )
    with row.popover(_("Options"), icon=":material/tune:"):
        _ask_for_top_k(demo)
        _say_how_to_get_own_labels()
    if chosen == TAUGHT:
        return Classifier(showcase().models.catalog.spec(taught.model_id), taught=taught)
    return _with_labels(demo, specs[chosen]) if takes_labels(specs[chosen]) else Classifier(specs[chosen])


def top_k(demo: Demo) -> int:
    return int(st.session_state.get(f"{demo.key}_top_k", DEFAULT_TOP_K))


def choose_next(demo: Demo, model_id: str) -> None:
    """Let the next run of the page look with this model, or with TAUGHT."""
    st.session_state[f"{demo.key}_model_next"] = model_id


def take_example(demo: Demo, example: Example) -> None:
    """Let the model look that the example is for."""
    here = models_here(showcase().models)
    of_products = [spec.model_id for spec in here if PRODUCTS in spec.roles]
    if example.example_id == "orange" and of_products:
        choose_next(demo, of_products[0])
    elif here:
        choose_next(demo, pick_model(showcase().models).model_id)


def own_classes(demo: Demo) -> Taught | None:
    """The classes that this session has taught; said and forgotten once they have expired."""
    key = f"{demo.key}_classes_id"
    if key not in st.session_state:
        return None
    try:
        return showcase().belongings.get(st.session_state[key], Taught)
    except NotFoundError:
        del st.session_state[key]
        text = _("Your classes have expired after {hours} hours. Teach them again to go on.")
        st.warning(text.format(hours=LIFETIME_S // 3600), icon=":material/schedule:")
        return None


def _specs(demo: Demo) -> dict[str, ModelSpec]:
    with failures.shown():
        pick_model(showcase().models)
        return {spec.model_id: spec for spec in models_here(showcase().models)}
    _link_to_operations(_("Operations"))
    return st.stop()


def _title(spec: ModelSpec) -> str:
    if PRODUCTS in spec.roles:
        kind = _("Products")
    else:
        kind = _("Labels of your own") if OWN_LABELS in spec.roles else _("Everyday things")
    return f"{kind} · {spec.title}"


def _taught_title(taught: Taught | None) -> str:
    names = ", ".join(taught.names) if taught else ""
    return _("Your classes: {names}").format(names=names)


def _with_labels(demo: Demo, spec: ModelSpec) -> Classifier | None:
    """The model with the labels that the visitor types."""
    label = _("Labels to choose from, separated by commas (2 to {limit})")
    text = st.text_input(
        label.format(limit=MAX_OWN_LABELS), key=f"{demo.key}_labels", persist_state="session", max_chars=2000
    )
    labels = tuple(dict.fromkeys(part.strip() for part in text.replace("，", ",").split(",") if part.strip()))
    if not labels:
        st.info(_("Type the labels to choose from: a cup, a bottle, a book."), icon=":material/label:")
        return None
    with failures.shown():
        return Classifier(spec, labels)
    return None


def _ask_for_top_k(demo: Demo) -> None:
    key = f"{demo.key}_top_k"
    page.slider(_("Labels shown"), TOP_K, key=key, default=DEFAULT_TOP_K)


def _say_how_to_get_own_labels() -> None:
    """Where no model takes labels, which ones could."""
    models = showcase().models
    if any(takes_labels(spec) for spec in models_here(models)):
        return
    offered = [spec for spec in candidates(models) if takes_labels(spec) and models.choice.fits(spec)]
    text = _(
        "Labels of your own, without teaching, need a model that knows words and pictures (CLIP or SigLIP). "
        "None is on this machine."
    )
    st.caption(text)
    for spec in offered:
        st.caption(f"- {spec.title} · {spec.license} · {spec.size_mb:,.0f} MB")
    if offered:
        _link_to_operations(_("Load a larger model on the operations page"))


def _link_to_operations(label: str) -> None:
    target, icon = navigation.operations_page(), ":material/monitoring:"
    st.page_link(target, label=label, icon=icon, query_params=link_params())
