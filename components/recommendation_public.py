"""What was measured on public data sets, from the file that the benchmark writes; nothing where there is none."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from components import recommendation_words as words
from components.i18n import _
from core.demos import Demo

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "recommendation.json"
FILMS, SHOP = "MovieLens latest-small", "UCI Online Retail"


def show(demo: Demo) -> None:
    """Both data sets as one table, in the order of the file."""
    if not RESULTS.is_file():
        return
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))
    films, shop = measured.get("films", {}), measured.get("shop", {})
    rows = [
        *_rows(FILMS, "NDCG@10", films.get("mean", {})),
        *_rows(SHOP, "Hit@10", {name: each["hit_at_10"] for name, each in shop.get("rows", {}).items()}),
    ]
    if not rows:
        return
    text = _("Real people, public data: measured on {date} with held-out items, by `{command}`.")
    command = "python -m benchmarks.recommendation"
    st.markdown(text.format(date=measured.get("date", "–"), command=command))
    titles = {
        "data": _("Data set"),
        "recommender": _("Recommender"),
        "measure": _("Measured"),
        "figure": _("Figure"),
    }
    alt = _("Figures on public data sets")
    st.dataframe(rows, hide_index=True, key=f"{demo.key}_public", column_config=titles, alt=alt)


def _rows(data: str, measure: str, figures: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"data": data, "recommender": _title(name), "measure": measure, "figure": f"{figure:.3f}"}
        for name, figure in figures.items()
    ]


def _title(name: str) -> str:
    """ "ease_default" and "ease, as on the page" are EASE as this page has it; the others were tuned, or are peers."""
    plain = name.replace("_knn", "-knn")
    for ending in ("_default", ", as on the page"):
        if plain.endswith(ending):
            title = words.recommender_title(plain.removesuffix(ending))
            return _("{recommender}, as on this page").format(recommender=title)
    for ending in ("_reference", "_implicit"):
        if plain.endswith(ending):
            title = words.recommender_title(plain.removesuffix(ending))
            return _("{recommender}, another implementation").format(recommender=title)
    return words.recommender_title(plain).replace("_", " ")
