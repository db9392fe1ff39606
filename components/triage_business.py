"""What ordering a worklist would be worth, in reading time."""

import streamlit as st

from components.business import Assumption, show_product
from components.i18n import _
from core.demos import Demo


def show(demo: Demo) -> None:
    """Monthly value of the minutes in which nobody looks for the urgent studies by hand."""
    st.markdown(
        _(
            "Every picture is still read by a person. What is saved is the time of sorting: looking through a list to "
            "find what is urgent, and sending back pictures that are no chest X-rays."
        )
    )
    studies = Assumption("studies", _("Studies a month"), 2000, 1_000_000, 100)
    hours = Assumption("hours", _("Hours of sorting saved on each"), 0.02, 1.0, 0.01)
    cost = Assumption("hourly", _("Cost of an hour of reading"), 120.0, 1000.0, 10.0)
    show_product(demo, studies, hours, cost)
