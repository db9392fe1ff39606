"""How good it is: what was measured of the starter models when they were made, from the files beside them."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from components.i18n import _
from core.demos import Demo
from core.scenarios.images.models import candidates
from core.showcase import showcase
from core.types import Tier

MODELS = Path(__file__).parent.parent / "assets" / "models"


def show(demo: Demo) -> None:
    """A table of figures for each bundled model that this page uses, and the way to one's own figures."""
    for spec in candidates(showcase().models):
        figures = _figures(MODELS / spec.folder) if spec.folder and spec.tier is Tier.STARTER else {}
        if figures:
            title = _("{model}, as measured on its held-out test set when it was made:")
            st.caption(title.format(model=spec.title))
            key, alt = f"{demo.key}_card_{spec.model_id}", _("Quality of {model}").format(model=spec.title)
            st.dataframe(_rows(figures), hide_index=True, key=key, alt=alt)
    own = _("Under “Right and wrong” the same is measured on your own pictures.")
    st.markdown(own)


def _rows(figures: dict) -> list[dict[str, object]]:
    return [{_("Measured"): name, _("Figure"): value} for name, value in _flat(figures)]


def _flat(figures: dict, path: str = "") -> list[tuple[str, str]]:
    """Every number with the way to it."""
    flat = []
    for name, value in figures.items():
        place = f"{path} · {name}" if path else name
        if isinstance(value, dict):
            flat += _flat(value, place)
        elif isinstance(value, int | float):
            flat.append((place.replace("_", " "), f"{value:,}"))
    return flat


@cache
def _figures(folder: Path) -> dict:
    path = folder / "quality.json"
    return json.loads(path.read_text(encoding="utf-8")).get("test", {}) if path.exists() else {}
