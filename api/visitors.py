"""Who is asking: the client's address, and whether it sits at this very machine."""

import ipaddress
import secrets
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Scope

from api import hosts

# A reverse proxy adds one of these; then the far end is not the peer we see.
PROXY_HEADERS = (
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-forwarded-server",
    b"x-real-ip",
    b"via",
)
_MAX_HOPS = 32


@dataclass(frozen=True)
class Visitor:
    """The far end of one request."""

    address: str
    is_local: bool
    """At this machine, with no proxy in between: may operate where no operator's token is set."""
    request_id: str

    @property
    def caller(self) -> str:
        """Under which name the limits count: an IPv6 customer has a whole /64 to ask from."""
        return _network(self.address)


class TrustedProxies:
    """The addresses and networks whose X-Forwarded-For is believed. Raises ValueError for a wrong one."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._networks = tuple(ipaddress.ip_network(name, strict=False) for name in names)
        self._covers = lru_cache(maxsize=1024)(self._is_covered)

    def __contains__(self, address: str) -> bool:
        return bool(self._networks) and self._covers(address)

    def _is_covered(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


def visitor_of(scope: Scope, headers: dict[bytes, bytes], trusted: TrustedProxies) -> Visitor:
    """The visitor of a request or websocket; `headers` by name, in lower case."""
    hops = _hops(scope) if b"x-forwarded-for" in headers else []
    peer = _peer(scope, hops)
    address = _beyond_proxies(peer, hops, trusted) if peer in trusted else peer
    return Visitor(address, _is_local(scope, headers, peer), secrets.token_hex(8))


def visitor_at(scope: Scope) -> Visitor:
    """The visitor that the guard wrote into the scope; without a guard, nobody is local."""
    host = (scope.get("client") or ("", 0))[0]
    return scope.get("vitrine") or Visitor(host, is_local=False, request_id="-")


def _peer(scope: Scope, hops: list[str]) -> str:
    """The other end of the connection.

    uvicorn's own --proxy-headers (on by default, for loopback peers) puts a forwarded address in the place
    of the peer, whoever wrote it. Where that has happened the peer was a proxy beside us.
    """
    host, port = scope.get("client") or ("", 0)
    if hops and any(_bare(hop) == host and (port == 0 or hop.endswith(f":{port}")) for hop in hops):
        return "127.0.0.1"
    return _normalised(host)


def _beyond_proxies(peer: str, hops: list[str], trusted: TrustedProxies) -> str:
    """The last address that a trusted proxy saw; what stands left of it anybody may have made up."""
    address = peer
    for hop in reversed(hops[-_MAX_HOPS:]):
        seen = _normalised(_bare(hop))
        if not _is_address(seen):
            return address
        address = seen
        if address not in trusted:
            return address
    return address


def _is_local(scope: Scope, headers: dict[bytes, bytes], peer: str) -> bool:
    server = (scope.get("server") or ("", 0))[0]
    name = hosts.name_of(headers.get(b"host", b"").decode("latin-1"))
    ends_here = hosts.is_loopback(server) and hosts.is_loopback(peer) and hosts.is_loopback(name)
    return ends_here and not any(header in headers for header in PROXY_HEADERS)


def _hops(scope: Scope) -> list[str]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [hop.strip() for line in lines for hop in line.split(",")]


def _bare(hop: str) -> str:
    """A hop without its port: "1.2.3.4:5678", "[::1]:5678"."""
    if hop.startswith("["):
        return hop[1:].split("]")[0]
    return hop.split(":")[0] if hop.count(":") == 1 else hop


@lru_cache(maxsize=1024)
def _normalised(address: str) -> str:
    """One spelling per address; an IPv4 one seen through an IPv6 socket is the IPv4 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    return str(ipaddress.ip_network((address, 64), strict=False)) if _is_v6(address) else address


def _is_v6(address: str) -> bool:
    return _is_address(address) and ":" in address and not ipaddress.ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
