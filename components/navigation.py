"""The pages of the menu and the links between them, in the visitor's language."""

from base64 import b64encode
from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st

from components.i18n import KEY, _, language
from core.demos import DEMOS, Demo
from core.errors import N_
from core.locales import LANGUAGES, translations

ROOT = Path(__file__).parent.parent
# The picture itself, as Streamlit sends it: of a path it reads the file again in every run.
ICON = "data:image/svg+xml;base64," + b64encode((ROOT / "assets" / "icon.svg").read_bytes()).decode()


def sections() -> list[st.Page]:
    """Home, the demos that exist, and the operations page."""
    # Copies, as Streamlit marks the page that a run may run.
    return [copy(page) for page in _pages(language()).values()]


def demo_link(demo: Demo) -> st.Page:
    """The page of the demo, to link to."""
    return _pages(language())[demo.demo_id]


@cache
def _pages(language: str) -> dict[str, st.Page]:
    """The pages by id, made once per language: making one looks for the script on the disk."""
    text = translations(language).gettext
    home = st.Page(ROOT / "pages" / "home.py", title=text(N_("Home")), icon=":material/home:", default=True)
    demos = {demo.demo_id: _demo_page(demo, text(demo.title)) for demo in DEMOS if not demo.is_coming}
    return {"home": home, **demos, "operations": operations_page()}


def _demo_page(demo: Demo, title: str) -> st.Page:
    return st.Page(ROOT / demo.page, title=title, icon=demo.icon, url_path=demo.demo_id)


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
