"""The smallest Streamlit app: what starting Streamlit itself costs."""

import streamlit as st

st.write("hello")
