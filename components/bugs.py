"""The pages' one handler for bugs: the log gets the traceback, the visitor an id to tell us."""

import logging

import streamlit as st

from components.i18n import _
from core import logs

log = logging.getLogger("vitrine.pages")


def show(error: Exception) -> bool:
    """Log the error and show its id in the place of a traceback."""
    with logs.request() as request_id:
        log.error("page_failed", exc_info=error)
    message = _("Something went wrong on our side. Reload the page; if it happens again, report the id {id}.")
    st.error(message.format(id=request_id), icon=":material/bug_report:")
    return True
