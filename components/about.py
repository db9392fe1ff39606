"""How it works: three sentences and the way of a request, for a visitor who is not technical."""

import streamlit as st

from components.i18n import _
from core.demos import Demo


def show(demo: Demo) -> None:
    for number, line in enumerate(demo.how_it_works, start=1):
        st.markdown(f"**{number}.** {_(line)}")
    stations = [_(station) for station in demo.diagram]
    edges = " -> ".join(f'"{station}"' for station in stations)
    dot = f'digraph {{ rankdir=LR; bgcolor="transparent"; {_NODES} {_EDGES} {edges} }}'
    st.graphviz_chart(dot, width="stretch", alt=" → ".join(stations))


_NODES = 'node [shape=box, style="rounded,filled", fillcolor="#0f766e", fontcolor=white, fontname=sans, penwidth=0];'
_EDGES = 'edge [color="#64748b"];'
