"""What it would earn: editable assumptions, the formula, and the result."""

import streamlit as st

from components.i18n import _
from core.demos import Demo


def show(demo: Demo) -> None:
    """Monthly margin of the orders that recommendations add."""
    st.caption(_("Assumptions, not measurements: change them to yours."))
    first, second, third = st.columns(3)
    kept = {"persist_state": "session"}
    visits = first.number_input(
        _("Visits a month"), 0, 1_000_000_000, 100_000, 10_000, key=f"{demo.key}_visits_a_month", **kept
    )
    share = second.number_input(
        _("Visits with one more order, in %"), 0.0, 100.0, 0.5, 0.1, key=f"{demo.key}_more_orders", **kept
    )
    margin = third.number_input(
        _("Margin of an order"), 0.0, 100_000.0, 12.0, 1.0, key=f"{demo.key}_margin", **kept
    )
    st.metric(_("Earned a month"), f"{visits * share / 100 * margin:,.0f}")
    formula = _("earned = visits × visits with one more order × margin = {visits} × {share} % × {margin}")
    st.markdown(formula.format(visits=f"{visits:,}", share=f"{share:g}", margin=f"{margin:,.2f}"))
    text = _(
        "Whether visitors order more is found out by showing lists to half of them (an A/B test), not by NDCG."
    )
    st.caption(text)
