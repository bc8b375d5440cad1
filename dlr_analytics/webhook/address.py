"""The client's address behind proxies, and the allow list."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from dlr_analytics.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(peer: str, forwarded_for: str | None) -> Address | None:
    """Determine the address of the client; None where it cannot be parsed.

    Parameters
    ----------
    peer : str
        Address of the connection's other end.
    forwarded_for : str or None
        ``X-Forwarded-For`` if a proxy is trusted, several headers joined by commas; else None.

    Returns
    -------
    address
        The right-most entry of ``forwarded_for`` that is not the peer itself. A proxy appends the
        address it saw, so only the last entry is trustworthy; the client controls those to the
        left of it. Without an entry, the peer.

    Examples
    --------
    >>> client_address("127.0.0.1", "192.0.2.1, 198.51.100.7")
    IPv4Address('198.51.100.7')
    >>> client_address("::ffff:192.0.2.9", None)
    IPv4Address('192.0.2.9')
    """
    peer_address = read_address(peer)
    for entry in reversed((forwarded_for or "").split(",")):
        if not entry.strip():
            continue
        address = read_address(entry)
        if address is None or address != peer_address:
            return address
    return peer_address


def read_address(text: str) -> Address | None:
    """Parse an address as written by proxies: with a port or in brackets.

    Examples
    --------
    >>> read_address(" [2001:db8::1]:443"), read_address("192.0.2.1:5000"), read_address("unknown")
    (IPv6Address('2001:db8::1'), IPv4Address('192.0.2.1'), None)
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_allowed(address: Address | None, ranges: Iterable[Network]) -> bool:
    """Check whether an address lies in one of the ranges."""
    return address is not None and any(address in each for each in ranges)
