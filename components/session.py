"""Who is asking: the session's own id, and whether this browser belongs to the operator."""

import hmac
import secrets

import streamlit as st

from core.showcase import showcase


def session_id() -> str:
    """An unguessable id of this browser session; what the visitor brings belongs to it."""
    return st.session_state.setdefault("shell_session_id", secrets.token_urlsafe(16))


def caller() -> str:
    """The name under which the limits count this visitor."""
    return f"session:{session_id()}"


def is_operator() -> bool:
    """Whether the shared things may be shown: the token was given, or none is set and this is the host itself."""
    token = showcase().settings.operator_token
    if token is None:
        # Set by our own middleware, which removes the header from what browsers send.
        return st.context.headers.get("x-vitrine-local") == "1"
    return hmac.compare_digest(st.session_state.get("shell_operator_token", "").encode(), token.encode())
