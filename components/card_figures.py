"""What was measured of the starter models when they were made, from the file beside their cards."""

import streamlit as st

from components import model_cards
from components.i18n import _
from core.demos import Demo
from core.showcase import showcase
from core.types import Tier


def show(demo: Demo) -> None:
    """A table of the bundled models that may serve this demo, where they come with figures."""
    bundled = [spec for spec in showcase().models.catalog.specs if spec.folder and spec.tier is Tier.STARTER]
    rows = [
        row for spec in bundled if set(demo.roles) & set(spec.roles) for row in _rows(spec.title, spec.folder)
    ]
    if rows:
        st.caption(
            _(
                "The starter models as measured when they were made: how often the translation of a held-out "
                "sentence is the nearest of all."
            )
        )
        st.dataframe(
            rows, hide_index=True, key=f"{demo.key}_card_figures", alt=_("Quality of the starter models")
        )


def _rows(title: str, folder: str) -> list[dict[str, str]]:
    figures = model_cards.figures(folder)
    alone = {_("Model"): title, **_directions(figures, "en_to_zh", "zh_to_en")}
    pair = {_("Model"): _("all-MiniLM-L6-v2 in English, {model} in Chinese").format(model=title)}
    pair |= _directions(figures, "teacher_en_to_zh", "zh_to_teacher_en")
    return [row for row in (alone, pair) if len(row) > 1]


def _directions(figures: dict[str, float], to_chinese: str, to_english: str) -> dict[str, str]:
    """The two directions of one way to use the model; empty where it was not measured."""
    if to_chinese not in figures or to_english not in figures:
        return {}
    titles = {_("English → Chinese"): figures[to_chinese], _("Chinese → English"): figures[to_english]}
    return {title: f"{100 * share:.1f} %" for title, share in titles.items()}
