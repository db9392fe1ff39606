"""Who is asking: the session's own id, and whether this browser belongs to the operator."""

import hashlib
import hmac
import secrets
from contextlib import AbstractContextManager

import streamlit as st

from core.showcase import showcase

HASH_CHARS = 16


def session_id() -> str:
    """An unguessable id of this browser session; what the visitor brings belongs to it."""
    return st.session_state.setdefault("shell_session_id", secrets.token_urlsafe(16))


def hashed(capability_id: str) -> str:
    """What to store of an id that opens what it names: equal for equal ids, and useless for opening."""
    return hashlib.sha256(capability_id.encode()).hexdigest()[:HASH_CHARS]


def session_hash() -> str:
    return hashed(session_id())


def caller() -> str:
    """The name under which the limits count this visitor."""
    return f"session:{session_id()}"


def admitted() -> AbstractContextManager[None]:
    """Count one request of this visitor. Raises RateLimitedError or OverloadedError when entered."""
    return showcase().limits.admitted(caller())


def is_operator() -> bool:
    """Whether the shared things may be shown: the token was given, or none is set and this is the host itself."""
    token = showcase().settings.operator_token
    if token is None:
        # Set by our own middleware, which removes the header from what browsers send.
        return st.context.headers.get("x-vitrine-local") == "1"
    return hmac.compare_digest(st.session_state.get("shell_operator_token", "").encode(), token.encode())
