"""Operations: for the person who runs Vitrine. Models, load, latencies, limits, and what visitors said."""

import streamlit as st

from components import operations, session
from components.i18n import _

st.title(_("Operations"), anchor=False)
if not session.is_operator():
    operations.sign_in()
    st.stop()

operations.machine()
st.subheader(_("Models"), anchor=False)
operations.models()
st.subheader(_("Requests"), anchor=False)
operations.requests()
st.subheader(_("What visitors left"), anchor=False)
operations.left_behind()
