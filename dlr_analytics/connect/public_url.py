"""The receiver's public URL: its source, and whether Vonage can use it."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from dlr_analytics.connect.http import address_of, is_this_machine
from dlr_analytics.connect.saved import saved_url
from dlr_analytics.connect.tunnels import Tunnel, find_tunnels
from dlr_analytics.settings import Settings
from dlr_analytics.webhook.checks import Finding, wrong
from dlr_analytics.webhook.judge import WEBHOOK_PATH

CALLBACK_LIMIT: Final = 100
"""Characters that ``callback`` may have, the receipt URL of one message."""

_GIVE: Final = "give it with --url"


class PublicUrl:
    """The check ``url``; afterwards ``url`` is complete with path and token."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = ""

    def check(self) -> str:
        """Find the URL and check that Vonage can use it."""
        text, source = self._find()
        self.url = complete(text, self._settings)
        return shown(self.url, self._settings) + source

    def check_callback(self) -> str:
        """Check in addition that the URL fits into ``callback``."""
        detail = self.check()
        if len(self.url) > CALLBACK_LIMIT:
            raise wrong(
                f"the URL has {len(self.url)} characters, a message's callback takes"
                f" {CALLBACK_LIMIT}",
                "set it at the account and try with --account-url",
            )
        return detail

    def _find(self) -> tuple[str, str]:
        settings = self._settings
        if settings.url is not None:
            return settings.url, ""
        tunnels = list(dict.fromkeys(find_tunnels(settings.tunnels)))
        ours = [tunnel for tunnel in tunnels if tunnel.port == settings.port]
        ours = ours or [tunnel for tunnel in tunnels if tunnel.port is None]
        if len(ours) == 1:
            return ours[0].url, f" (from {ours[0].program})"
        if ours:
            raise wrong(f"several tunnels: {', '.join(map(_origin, ours))}", f"choose one: {_GIVE}")
        if (url := saved_url(settings)) is not None:
            return url, " (saved by setup)"
        raise _no_url(tunnels, settings.port)


def _origin(tunnel: Tunnel) -> str:
    """Scheme and host of a tunnel's URL."""
    try:
        parts = urlsplit(tunnel.url)
    except ValueError:
        return "a URL that cannot be read"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _no_url(tunnels: list[Tunnel], port: int) -> Finding:
    if tunnels:
        other = tunnels[0]
        return wrong(
            f"the tunnel of {other.program} leads to port {other.port}, the receiver is on {port}",
            f"start the tunnel with port {port}, or {_GIVE}",
        )
    return wrong(
        "no public URL, and no tunnel that is ready",
        f"start cloudflared tunnel --url http://localhost:{port}, or {_GIVE}",
    )


def complete(text: str, settings: Settings) -> str:
    """Add path and token to a URL; raise a Finding if Vonage cannot use it.

    Examples
    --------
    >>> complete("https://dlr.example.com", Settings(url_token="s3cret"))
    'https://dlr.example.com/webhooks/delivery-receipt/s3cret'
    """
    parts = _parse(text.strip())
    token = f"/{settings.url_token}" if settings.url_token else ""
    path = parts.path.rstrip("/")
    if not path:
        path = WEBHOOK_PATH
    if path.endswith(WEBHOOK_PATH):
        path += token
    if not path.endswith(WEBHOOK_PATH + token) or parts.query or parts.fragment:
        raise wrong(
            f"the URL at {parts.hostname} does not end in {WEBHOOK_PATH}"
            + (" and the token" if token else ""),
            "leave the path out, it is added" + (", the token too" if token else ""),
        )
    if not is_public(parts.hostname or "") and is_public(_host(settings.vonage_rest_url)):
        raise wrong(
            f"{parts.hostname} is not public: Vonage cannot reach it", f"start a tunnel, or {_GIVE}"
        )
    return f"https://{parts.netloc}{path}"


def _parse(text: str) -> SplitResult:
    form = wrong("the URL cannot be read", "write it as https://dlr.example.com")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise form from None
    if parts.scheme != "https":
        raise wrong("the URL does not begin with https://", "use https, as a tunnel or proxy does")
    if not parts.hostname or port == 0 or parts.username is not None:
        raise form
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise form
    return parts


def is_public(host: str) -> bool:
    """Whether a host may be on the internet, judged by name or address alone.

    Examples
    --------
    >>> [is_public(host) for host in ("dlr.example.com", "localhost", "10.0.0.1", "8.8.8.8")]
    [True, False, False, True]
    """
    if is_this_machine(host):
        return False
    address = address_of(host)
    return address is None or address.is_global


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def shown(url: str, settings: Settings) -> str:
    """Replace the token in a URL of ours, to print it.

    Examples
    --------
    >>> settings = Settings(url_token="s3cret")
    >>> shown("https://dlr.example.com/webhooks/delivery-receipt/s3cret", settings)
    'https://dlr.example.com/webhooks/delivery-receipt/…'
    """
    if settings.url_token is None:
        return url
    return url.removesuffix(settings.url_token) + "…"
