"""Operations: for the person who runs Vitrine. Models, load, latencies, limits, and what visitors said."""

import streamlit as st

from components import operations, records, session
from components.i18n import _

st.title(_("Operations"), anchor=False)
if not session.is_operator():
    operations.sign_in()
    st.stop()

operations.machine()
st.subheader(_("Models"), anchor=False)
operations.models()
st.subheader(_("Requests"), anchor=False)
records.requests()
st.subheader(_("What visitors left"), anchor=False)
records.left_behind()
