"""The pages of the menu and the links between them, in the visitor's language."""

from functools import cache
from pathlib import Path

import streamlit as st

from components.i18n import KEY, _, language
from core.demos import DEMOS, Demo
from core.locales import LANGUAGES

ROOT = Path(__file__).parent.parent


def sections() -> list[st.Page]:
    """Home, the demos that exist, and the operations page."""
    return [
        st.Page(ROOT / "pages" / "home.py", title=_("Home"), icon=":material/home:", default=True),
        *(demo_page(demo, _(demo.title)) for demo in DEMOS if not demo.is_coming),
        operations_page(),
    ]


def demo_page(demo: Demo, title: str) -> st.Page:
    return st.Page(ROOT / demo.page, title=title, icon=demo.icon, url_path=demo.demo_id)


# To link to, made once per title: making one looks for the script on the disk.
demo_link = cache(demo_page)


def operations_page() -> st.Page:
    script = ROOT / "pages" / "operations.py"
    return st.Page(script, title=_("Operations"), icon=":material/monitoring:", url_path="operations")


def language_switch() -> None:
    """English or Chinese; the choice stays with the session and is in every link."""
    with st.container(horizontal=True, horizontal_alignment="right", key="shell_language_row"):
        st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            default=language(),
            format_func=LANGUAGES.__getitem__,
            required=True,
            key="shell_language",
            label_visibility="collapsed",
            on_change=_switch,
        )


def _switch() -> None:
    st.session_state[KEY] = st.session_state["shell_language"]
    st.query_params["lang"] = st.session_state[KEY]
