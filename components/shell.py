"""The frame around every page: navigation, language, and what must happen once per run."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # under `streamlit run` only the script's own folder is on the path

import streamlit as st  # noqa: E402

from components import i18n, navigation  # noqa: E402
from core.showcase import showcase  # noqa: E402

st.set_page_config(page_title="Vitrine", page_icon=navigation.ICON, layout="wide")
i18n.start()
page = st.navigation(navigation.sections(), position="top")
navigation.language_switch()
page.run()
showcase().page_shown.set()
