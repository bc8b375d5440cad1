"""The receiver on this machine, and whether calls reach it through its public URL."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from dlr_analytics.connect.http import NoResponse, Response, fetch
from dlr_analytics.settings import Settings
from dlr_analytics.store.instance import stored_name
from dlr_analytics.webhook.checks import look_at_storing, unknown, wrong

LOCAL_SECONDS: Final = 5.0
"""Limit of a request to this machine."""

CONNECT_SECONDS: Final = 3.0
WEBHOOK_SECONDS: Final = 15.0
"""After these Vonage hangs up: until it is connected, and for the whole call."""

CERTIFICATE_DAYS: Final = 14

_LOOPBACK: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound


def local_url(host: str, port: int) -> str:
    """Base URL of a listener on this machine.

    Examples
    --------
    >>> local_url("0.0.0.0", 8080), local_url("::", 8081)
    ('http://127.0.0.1:8080', 'http://[::1]:8081')
    """
    host = _LOOPBACK.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_receiver(settings: Settings) -> str:
    """Check that the local receiver is the right one and can store."""
    base = local_url(settings.host, settings.port)
    try:
        health = fetch("GET", f"{base}/healthz", LOCAL_SECONDS, direct=True)
        instance = health.headers.get("x-dlr-instance")
        if instance is None:
            raise wrong(f"another program answers on {base}", "name the receiver's --port")
        if instance != stored_name(settings.data):
            raise wrong(
                f"the receiver on {base} does not store in {settings.data}",
                "name its data directory with --data, or its --port",
            )
        ready = fetch("GET", f"{base}/readyz", LOCAL_SECONDS, direct=True)
    except NoResponse as error:
        raise wrong(
            f"no receiver on {base}: {error.reason}", "start dlr receive, or name its --port"
        ) from None
    ok = ready.status == HTTPStatus.OK
    problem = None if ok else f"/readyz answered {ready.status}"
    return look_at_storing(base, settings.data, problem)


class Reach:
    """The checks ``reach`` and ``certificate``, from one connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._certificate_ends: float | None = None

    def check(self, url: str) -> str:
        """Call the public URL as Vonage does: GET, then POST of ``{}``."""
        get = self._call("GET", url, None)
        self._certificate_ends = get.certificate_ends
        started = get.ended
        post = self._call("POST", url, b"{}")
        return f"GET and POST answered 200, the POST in {(post.ended - started) * 1000:.0f} ms"

    def _call(self, method: str, url: str, body: bytes | None) -> Response:
        instance = stored_name(self._settings.data)
        headers = {"X-Dlr-Probe": instance, "Content-Type": "application/json"}
        name = "" if method == "GET" else f"{method}: "
        try:
            response = fetch(method, url, WEBHOOK_SECONDS, headers, body, connect=CONNECT_SECONDS)
        except NoResponse as error:
            raise wrong(name + error.reason, _remedy(error.reason)) from None
        status = response.status
        if status == HTTPStatus.FORBIDDEN and self._settings.allow:
            raise unknown(
                f"{name}refused with 403, as the allow-list asks for any call but Vonage's",
                "take DLR_ALLOW away for a moment to check it, or let this machine in",
            )
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise wrong(
                f"{name}answered by a redirect ({status})",
                "give the URL that answers itself, without a login before it",
            )
        if status != HTTPStatus.OK:
            raise wrong(f"{name}answered {status}", "look at the tunnel or proxy, and at the path")
        if response.headers.get("x-dlr-instance") != instance:
            raise wrong(
                f"{name}another server answers there, not this receiver",
                f"lead {urlsplit(url).hostname} to port {self._settings.port}",
            )
        return response

    def check_certificate(self) -> str:
        """Check how long the certificate of the public URL is valid."""
        ends = self._certificate_ends
        if ends is None:
            raise unknown("no certificate was shown", "give an https URL with --url")
        until = f"valid until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"
        if ends - time.time() <= CERTIFICATE_DAYS * 86400:
            raise wrong(f"{until}, {CERTIFICATE_DAYS} days or less", "renew the certificate")
        return until


def _remedy(reason: str) -> str:
    """Remedy for a public URL without an answer."""
    if "certificate" in reason:
        return "serve a certificate of a public authority with its chain, for this host"
    if "resolve" in reason:
        return "check the host's name; a new one may take a minute"
    if "refused" in reason:
        return "start the tunnel or proxy, and open its port"
    if "cut" in reason:
        return "another server than the receiver may be there: look at the tunnel or proxy"
    return "look at the firewall, the tunnel and the proxy"
