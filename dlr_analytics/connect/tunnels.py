"""Tunnels that run on this machine, from their local APIs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from dlr_analytics.connect.http import NoResponse, fetch
from dlr_analytics.connect.vonage import json_object

_SECONDS: Final = 2.0
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel; ``port`` is the local port it leads to, None if not known."""

    url: str
    port: int | None
    program: str


def find_tunnels(apis: tuple[str, ...]) -> list[Tunnel]:
    """List the tunnels of each local API; one that does not answer has none."""
    return [tunnel for api in apis for tunnel in _ngrok(api) or _cloudflared(api)]


def _ngrok(api: str) -> list[Tunnel]:
    """List an ngrok agent's tunnels, by its older or newer API; https first."""
    listed = [
        (each.get("public_url"), _member(each.get("config"), "addr"))
        for each in _entries(_get(api, "/api/tunnels"), "tunnels")
    ] or [
        (each.get("url"), _member(each.get("upstream"), "url"))
        for each in _entries(_get(api, "/api/endpoints"), "endpoints")
    ]
    found = [
        Tunnel(url, port_of(str(address or "")), "ngrok")
        for url, address in listed
        if isinstance(url, str)
    ]
    secure = [tunnel for tunnel in found if tunnel.url.startswith("https://")]
    return secure or found


def _cloudflared(api: str) -> list[Tunnel]:
    """List the quick tunnel once it is ready: earlier look-ups poison caches."""
    if _get(api, "/ready") is None:
        return []
    hostname = _member(_get(api, "/quicktunnel"), "hostname")
    if not isinstance(hostname, str) or not hostname:
        return []
    rules = _entries(_member(_get(api, "/config"), "config"), "ingress")
    port = port_of(str(rules[0].get("service") or "")) if rules else None
    return [Tunnel(f"https://{hostname}", port, "cloudflared")]


def port_of(address: str) -> int | None:
    """Parse the port in an address as tunnels write it.

    Examples
    --------
    >>> [port_of(text) for text in ("http://localhost:8080", "localhost:8080", "8080", "file:x")]
    [8080, 8080, 8080, None]
    """
    if address.isdecimal():
        return int(address)
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def _get(api: str, path: str) -> dict[str, Any] | None:
    """JSON object of a page answered 200, empty for other content; else None."""
    try:
        response = fetch("GET", api + path, _SECONDS, direct=True)
    except NoResponse:
        return None
    return json_object(response) if response.status == HTTPStatus.OK else None


def _member(content: Any, name: str) -> Any:
    return content.get(name) if isinstance(content, dict) else None


def _entries(content: Any, name: str) -> list[dict[str, Any]]:
    found = _member(content, name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
