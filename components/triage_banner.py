"""The banner that stands on every surface of the triage page."""

import streamlit as st

from components.i18n import _
from core.scenarios.triage.caveat import CAVEAT


def show() -> None:
    st.warning(_(CAVEAT), icon=":material/warning:")
