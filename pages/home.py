"""Home: the six demos with their live status, and the machine they run on."""

import streamlit as st

from components import home_cards, models
from components.i18n import _

st.title(_("Vitrine"), anchor=False)
st.markdown(_("Six products that large models make possible. Real models, on this machine. Try them."))

statuses = models.demo_statuses()
home_cards.show(statuses)

st.caption(models.machine_status())
models.refresh_while_loading(statuses)
