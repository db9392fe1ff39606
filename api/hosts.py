"""Which names this server answers to, and which web pages may write to it."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=1024)
def is_served(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a Host header names this server: loopback, an address, or one of the `allowed` names.

    A foreign name means that a web page elsewhere made its own name point here (DNS rebinding); that
    cannot be done with an address, which the browser has from the visitor.
    """
    parsed = _parse(host)
    if parsed is None:
        return False
    name = parsed[0]
    return is_loopback(name) or _address(name) is not None or is_allowed(name, allowed)


@lru_cache(maxsize=1024)
def is_own_origin(origin: str, host: str, allowed: tuple[str, ...]) -> bool:
    """Whether the page that sends the request came from `host` itself or from an allowed name."""
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return False
    own = _parse(host)
    if not name or port is None or parts.scheme not in _DEFAULT_PORTS:
        return False
    is_same = own is not None and (name, port) == (own[0], own[1] or _DEFAULT_PORTS[parts.scheme])
    return is_same or is_allowed(name, allowed)


def is_allowed(name: str, allowed: tuple[str, ...]) -> bool:
    """Whether a list of names, "*.example.com" or "*" covers `name`."""
    for pattern in allowed:
        if pattern == "*" or name == pattern.lower():
            return True
        if pattern.startswith("*.") and name.endswith(pattern[1:].lower()):
            return True
    return False


@lru_cache(maxsize=1024)
def is_loopback(name: str) -> bool:
    """Whether a host name or an address is this machine's own."""
    address = _address(name)
    if address is not None:
        return address.is_loopback
    return name == "localhost" or name.endswith(".localhost")


def name_of(host: str) -> str:
    """The name in a Host header, without its port; "" when it is none."""
    parsed = _parse(host)
    return parsed[0] if parsed else ""


def _parse(host: str) -> tuple[str, int | None] | None:
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    return match[1].lower().strip("[]").rstrip("."), int(match[2]) if match[2] else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
