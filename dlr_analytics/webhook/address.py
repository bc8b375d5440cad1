"""Who called: the caller's address, and whether it is on the allow list."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from dlr_analytics.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(peer: str, forwarded_for: str | None) -> Address | None:
    """The caller's address, None where it cannot be read.

    Parameters
    ----------
    peer : str
        Where the connection came from.
    forwarded_for : str or None
        ``X-Forwarded-For`` where a proxy is trusted, all its lines joined by commas; else None.

    Returns
    -------
    address
        The right-most entry of ``forwarded_for`` that is not the peer itself: a proxy appends the
        address it saw, so only the last entry is its word; those to the left of it are whatever
        the caller wrote. Without an entry, the peer.

    Examples
    --------
    >>> client_address("127.0.0.1", "192.0.2.1, 198.51.100.7")
    IPv4Address('198.51.100.7')
    >>> client_address("::ffff:192.0.2.9", None)
    IPv4Address('192.0.2.9')
    """
    here = read_address(peer)
    for entry in reversed((forwarded_for or "").split(",")):
        if not entry.strip():
            continue
        seen = read_address(entry)
        if seen is None or seen != here:
            return seen
    return here


def read_address(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, IPv4 inside IPv6.

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
    """Whether an address lies in one of the ranges."""
    return address is not None and any(address in each for each in ranges)
