"""What it would save: editable assumptions, the formula, and the result."""

import streamlit as st

from components.i18n import _
from core.demos import Demo


def show_saving(demo: Demo, *, answered_share: float) -> None:
    """Monthly saving of answering a share of the contacts without a person."""
    st.caption(_("Assumptions, not measurements: change them to yours."))
    first, second, third = st.columns(3)
    contacts = first.number_input(
        _("Contacts a month"), 0, 10_000_000, 5000, 500, key=f"{demo.key}_contacts", persist_state="session"
    )
    cost = second.number_input(
        _("Cost of a contact"), 0.0, 1000.0, 4.0, 0.5, key=f"{demo.key}_cost", persist_state="session"
    )
    title = _("Share answered without a person")
    share = third.number_input(
        title, 0.0, 1.0, answered_share, 0.05, key=f"{demo.key}_share", persist_state="session"
    )
    st.metric(_("Saved a month"), f"{contacts * share * cost:,.0f}")
    formula = _("saved = contacts × share answered × cost of a contact = {contacts} × {share} × {cost}")
    st.markdown(formula.format(contacts=f"{contacts:,}", share=f"{share:.2f}", cost=f"{cost:.2f}"))
