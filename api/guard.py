"""The one middleware around pages and API: bounds bodies, refuses foreign pages, finds out who is asking."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import hosts
from api.bodies import SMALL_BODY_BYTES, Arriving, BoundedBody, Share, drain
from api.failures import Refusal
from api.replies import Reply, refuse_websocket
from api.sessions import Sessions
from api.visitors import TrustedProxies, Visitor, visitor_of
from core import locales, logs
from core.errors import N_, DemoError
from core.settings import Settings

# Only these take files; everything else takes JSON, or no body at all.
UPLOADS = (
    "/_stcore/upload_file/",
    "/api/customer-service/knowledge-bases",
    "/api/content/batches",
    "/api/images/",
    "/api/recommendation/datasets",
    "/api/translation/files",
    "/api/triage/studies",
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
Headers = dict[bytes, bytes]


class Guard:
    """ASGI middleware; the settings (the process's own by default) say who is let in with how much."""

    def __init__(self, app: ASGIApp, *, settings: Settings | None = None) -> None:
        settings = settings or Settings.read()
        self._app = app
        self._allowed = settings.allowed_hosts
        self._trusted = TrustedProxies(settings.trusted_proxies)
        self._sessions = Sessions(settings)
        self._upload_bytes = int(settings.max_request_mb * 2**20)
        # One upload always fits, however large the operator lets it be.
        self._arriving = Arriving(max(self._upload_bytes, int(settings.max_arriving_mb * 2**20)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        visitor = visitor_of(scope, headers, self._trusted)
        guarded = self._http if scope["type"] == "http" else self._websocket
        with logs.request(visitor.request_id):
            await guarded(scope, receive, send, headers=headers, visitor=visitor)

    async def _http(
        self, scope: Scope, receive: Receive, send: Send, *, headers: Headers, visitor: Visitor
    ) -> None:
        share, reply = self._share(scope["path"]), Reply(scope, send, visitor)
        try:
            refusal = self._foreign(scope, headers) or _declared(headers, share)
            if refusal is None:
                refusal = await self._counted(_introduced(scope, visitor), receive, reply, share)
            elif b"expect" not in headers:
                await drain(receive)  # who asks first ("Expect: 100-continue") has sent nothing yet
            if refusal is not None:
                await reply.refuse(refusal, _language(headers))
        finally:
            share.close()
            reply.log()

    async def _counted(self, scope: Scope, receive: Receive, reply: Reply, share: Share) -> DemoError | None:
        """Run the app while counting the body; the refusal that is due when there was too much of it, or too little."""
        body = BoundedBody(receive, share)

        async def send(message: Message) -> None:
            # What the app says about half a body is not worth hearing.
            if body.refusal is None or reply.status:
                await reply.send(message)

        try:
            await self._app(scope, body.receive, send)
        except ClientDisconnect:
            if body.refusal is None:
                raise
        if body.refusal is None or reply.status:
            return None
        share.close()
        if not body.is_over:
            await drain(receive)
        return body.refusal

    async def _websocket(
        self, scope: Scope, receive: Receive, send: Send, *, headers: Headers, visitor: Visitor
    ) -> None:
        refusal = self._foreign(scope, headers) or self._sessions.refusal(visitor.caller)
        if refusal is not None:
            await receive()
            await refuse_websocket(scope, send, refusal, _language(headers))
            return
        with self._sessions.one_more(visitor.caller):
            await self._app(_introduced(scope, visitor), receive, send)

    def _share(self, path: str) -> Share:
        if path.startswith(UPLOADS):
            return Share(self._upload_bytes, self._arriving)
        return Share(SMALL_BODY_BYTES)

    def _foreign(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Why the caller's Host or Origin is refused. A browser always sends the first."""
        host = headers.get(b"host", b"").decode("latin-1")
        if host and not hosts.is_served(host, self._allowed):
            message = N_(
                "This server does not answer to the name {host}. Its operator can add it to "
                "VITRINE_ALLOWED_HOSTS."
            )
            return Refusal(400, "foreign_host", message, host=host[:100])
        origin = headers.get(b"origin")
        if origin is None or scope.get("method") in SAFE_METHODS:
            return None
        if hosts.is_own_origin(origin.decode("latin-1"), host, self._allowed):
            return None
        message = N_(
            "A page of another site may not do this. The operator can add that site to VITRINE_ALLOWED_HOSTS."
        )
        return Refusal(403, "foreign_origin", message)


def _introduced(scope: Scope, visitor: Visitor) -> Scope:
    """The scope with the visitor in it: as an object for the API, as headers for the pages."""
    headers = [header for header in scope["headers"] if not header[0].startswith(b"x-vitrine-")]
    headers.append((b"x-vitrine-client", visitor.address.encode("latin-1", "replace")))
    if visitor.is_local:
        headers.append((b"x-vitrine-local", b"1"))
    return {**scope, "headers": headers, "vitrine": visitor}


def _declared(headers: Headers, share: Share) -> DemoError | None:
    """Room for the body before any of it has come, where the caller says how long it is."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return Refusal(400, "bad_request", N_("The Content-Length of the request is not a number of bytes."))
    return share.hold(int(length))


def _language(headers: Headers) -> str:
    return locales.best_language(headers.get(b"accept-language", b"").decode("latin-1"))
