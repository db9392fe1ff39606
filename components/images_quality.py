"""How good it is: what was measured of the starter models when they were made, from the files beside them."""

from typing import Any

import streamlit as st

from components import images_labels, images_matrix, model_cards
from components.i18n import _
from core.catalog import ModelSpec
from core.demos import Demo
from core.scenarios.images.models import candidates
from core.showcase import showcase
from core.types import Tier


def show(demo: Demo) -> None:
    """A table of figures for each bundled model that this page uses, and the way to one's own figures."""
    for spec in candidates(showcase().models):
        if spec.folder and spec.tier is Tier.STARTER:
            _show_card(demo, spec)
    own = _("Under “Right and wrong” the same is measured on your own pictures.")
    st.markdown(own)


def _show_card(demo: Demo, spec: ModelSpec) -> None:
    figures = model_cards.figures(spec.folder)
    if not figures:
        return
    title = _("{model}, as measured on its held-out test set when it was made:")
    st.caption(title.format(model=spec.title))
    rows = [{_("Measured"): name, _("Figure"): value} for name, value in _rows(figures)]
    alt = _("Quality of {model}").format(model=spec.title)
    st.dataframe(rows, hide_index=True, key=f"{demo.key}_card_{spec.model_id}", alt=alt)
    if counts := figures.get("confusion"):
        labels = model_cards.labels(spec.folder)
        names = [images_labels.title(labels[str(number)]) for number in range(len(counts))]
        images_matrix.show(names, names, counts, key=f"{demo.key}_card_matrix_{spec.model_id}")


def _rows(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures with names for people; those that nobody has named are called what the file calls them."""
    titles = {
        "accuracy": _("Right label first"),
        "coarse": _("Right kind of product first"),
        "calibration_error": _("Scores are off by (expected calibration error)"),
        "calibration_error_unscaled": _("The same before calibration"),
        "known_kept": _("Pictures it knows that are called known"),
    }
    rows = []
    for name, value in figures.items():
        title = titles.get(name, name.replace("_", " "))
        if name == "accuracy":
            rows.append((title, _accuracy(figures)))
        elif isinstance(value, dict) and "accuracy" in value:
            rows.append((title, _accuracy(value)))
        elif isinstance(value, dict):
            rows += [(f"{title} · {part}", figure) for part, figure in _rows(value)]
        elif isinstance(value, float):
            rows.append((title, f"{value:.3f}" if "error" in name else f"{100 * value:.1f} %"))
    return rows


def _accuracy(figures: dict[str, Any]) -> str:
    """ "94.1 % (95 % interval 93.6 to 94.6) of 10,000 pictures"."""
    low, high = figures.get("interval", (figures["accuracy"],) * 2)
    numbers = {
        "share": f"{100 * figures['accuracy']:.1f}",
        "low": f"{100 * low:.1f}",
        "high": f"{100 * high:.1f}",
        "count": f"{figures.get('pictures', 0):,}",
    }
    return _("{share} % of {count} pictures (95 % interval {low} to {high})").format(**numbers)
