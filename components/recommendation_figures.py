"""Held-out figures with their confidence intervals, as a sentence and as a table."""

from collections.abc import Sequence

import streamlit as st

from components import recommendation_words as words
from components import results
from components.i18n import _
from core.demos import Demo
from core.scenarios.recommendation.metrics import Measured
from core.scenarios.recommendation.recommending import Row

FIELDS = ("precision", "recall", "ndcg", "average_precision", "hit", "coverage", "diversity", "novelty")


def say(rows: Sequence[Row], *, k: int, is_synthetic: bool) -> None:
    """The best against the baseline, in a sentence."""
    best = max(rows, key=lambda row: row.ndcg.mean)
    baseline = next((row for row in rows if row.recommender == "popularity"), None)
    if is_synthetic:
        text = _("The visitors are simulated: these figures compare recommenders, they promise nothing.")
        st.caption(f":material/science: {text}")
    if baseline is None or best is baseline or not baseline.ndcg.mean:
        return
    text = _(
        "On {users} visitors, {best} finds {times} times what popularity finds (NDCG@{k} {high} against {low})."
    )
    numbers = {
        "users": f"{best.users:,}",
        "best": words.recommender_title(best.recommender),
        "times": f"{best.ndcg.mean / baseline.ndcg.mean:.1f}",
        "k": k,
        "high": f"{best.ndcg.mean:.3f}",
        "low": f"{baseline.ndcg.mean:.3f}",
    }
    st.markdown(text.format(**numbers))


def show_table(demo: Demo, rows: Sequence[Row], *, k: int) -> None:
    titles = {
        "recommender": _("Recommender"),
        "precision": f"Precision@{k}",
        "recall": f"Recall@{k}",
        "ndcg": f"NDCG@{k}",
        "average_precision": f"MAP@{k}",
        "hit": f"Hit@{k}",
        "coverage": _("Coverage"),
        "diversity": _("Difference"),
        "novelty": _("Novelty (bits)"),
    }
    table = [
        {"recommender": words.recommender_title(row.recommender)}
        | {field: said(getattr(row, field)) for field in FIELDS}
        for row in rows
    ]
    alt = _("Figures of each recommender on held-out items")
    st.dataframe(table, hide_index=True, key=f"{demo.key}_figures", column_config=titles, alt=alt)
    text = _(
        "± is half a 95 % interval over the visitors. Coverage: share of all items that are in anybody's list. "
        "Difference: 1 minus the mean likeness of two items in a list. Novelty: how rarely the items are taken."
    )
    st.caption(text)
    results.downloads("recommenders", [_plain(row) for row in rows], key=f"{demo.key}_figures_file")


def said(value: Measured | float) -> str:
    """ "0.123 ± 0.010", or the figure alone where there is no interval."""
    return f"{value.mean:z.3f} ± {value.margin:.3f}" if isinstance(value, Measured) else f"{value:z.3f}"


def mean(value: Measured | float) -> float:
    return value.mean if isinstance(value, Measured) else value


def _plain(row: Row) -> dict[str, object]:
    """The row for a file: numbers, and half an interval beside each that has one."""
    plain: dict[str, object] = {"recommender": row.recommender, "users": row.users}
    for field in FIELDS:
        value = getattr(row, field)
        plain[field] = mean(value)
        if isinstance(value, Measured):
            plain[f"{field}_margin"] = value.margin
    return plain
