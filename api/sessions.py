"""Browser sessions that are open now: no more than the server takes, and of one address no more than its share."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.failures import Refusal
from core.errors import N_
from core.fairness import has_room
from core.settings import Settings


class Sessions:
    """Counts websockets by caller. Its one user is the event loop, so it needs no lock.

    One address may be a whole office, or a booth at a fair: alone it gets half of the places, and always leaves as many
    as it holds. Where callers have no rate they have no share either: a load test comes from one address.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.max_sessions
        self._has_shares = settings.rate_limit_per_min is not None
        self._open: Counter[str] = Counter()

    def refusal(self, caller: str) -> Refusal | None:
        """Why `caller` may not open one more, if so."""
        own, taken = self._open[caller], self._open.total()
        if taken >= self._limit:
            message = N_("{limit} visitors are here already, as many as this server takes. Try again later.")
            return Refusal(503, "too_many_sessions", message, limit=self._limit)
        if self._has_shares and not has_room(own=own, taken=taken, limit=self._limit, caller=caller):
            message = N_(
                "{own} visitors from your network are here already, its share of this server. Close a page that you "
                "don't need, or try again later."
            )
            return Refusal(429, "too_many_sessions", message, own=own)
        return None

    @contextmanager
    def one_more(self, caller: str) -> Iterator[None]:
        """One session of `caller` for as long as the block runs."""
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
