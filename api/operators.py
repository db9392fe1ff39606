"""Who may operate: load and unload models, read everyone's feedback."""

import hmac

from api.failures import Refusal
from api.visitors import Visitor
from core.errors import N_, NotAllowedError


def require_operator(token: str | None, authorization: str, visitor: Visitor) -> None:
    """Let the operator pass: by bearer token, or where none is set by sitting at this machine.

    Raises Refusal (401) when the token is missing or wrong, NotAllowedError (403) when there is none to give.
    """
    if token is None:
        if visitor.is_local:
            return
        message = N_(
            "Only the operator may do this. Ask from the machine itself, or set VITRINE_OPERATOR_TOKEN."
        )
        raise NotAllowedError(message)
    scheme, _, given = authorization.partition(" ")
    # Header values are latin-1 by the time they are text (RFC 9110), the setting is UTF-8.
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), token.encode()):
        message = N_("The operator's token is missing or wrong. Send it as Authorization: Bearer <token>.")
        raise Refusal(401, "not_authenticated", message)
