"""The visitor's language on the pages: read per run from the session, never kept in module state."""

from contextvars import ContextVar

import streamlit as st

from components.markup import escape
from core.errors import DemoError
from core.locales import LANGUAGES, best_language, translations

KEY = "shell_lang"
# Of the run on this very thread: asking the session takes a hundred times as long, and a page asks fifty times.
_of_this_run: ContextVar[str | None] = ContextVar("language", default=None)


def start() -> None:
    """Settle the language of this run: the link's, else the visitor's choice, else the browser's."""
    if KEY not in st.session_state:
        linked = st.query_params.get("lang")
        st.session_state[KEY] = linked if linked in LANGUAGES else best_language(st.context.locale)
    _of_this_run.set(st.session_state[KEY])


def language() -> str:
    # A fragment that runs alone has not been through start().
    return _of_this_run.get() or st.session_state.get(KEY, "en")


def _(msgid: str) -> str:
    """The text in the visitor's language."""
    return translations(language()).gettext(msgid)


def sentence(error: DemoError) -> str:
    """What a failure says, in the visitor's language, as Markdown that shows its parameters literally."""
    params = {name: _literal(value) for name, value in error.params.items()}
    return _(error.msgid).format(**params)


def link_params() -> dict[str, str]:
    """Query parameters that a link to another page must carry along."""
    return {"lang": language()}


def _literal(value: object) -> object:
    """Numbers as they are, everything else as text that cannot become markup."""
    return value if isinstance(value, int | float) else escape(str(value))
