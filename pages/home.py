"""Home: the six demos with their live status, and the machine they run on."""

import streamlit as st

from components import models, navigation
from components.i18n import _, link_params
from core.demos import DEMOS

st.title(_("Vitrine"), anchor=False)
st.markdown(_("Six products that large models make possible. Real models, on this machine. Try them."))

cards = st.grid(3, min_column_width=280, row_height="content", key="home_cards")
statuses = models.demo_statuses()
for demo, status in zip(DEMOS, statuses, strict=True):
    with cards.container(border=True, height="stretch", key=f"home_card_{demo.key}"):
        st.markdown(f"### {demo.icon} {_(demo.title)}\n{_(demo.tagline)}\n\n{status.badge}")
        if not demo.is_coming:
            page = navigation.demo_link(demo)
            st.page_link(page, label=_("Open"), icon=":material/arrow_forward:", query_params=link_params())

st.caption(models.machine_status())
models.refresh_while_loading(statuses)
