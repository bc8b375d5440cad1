"""One HTTP request, made once, with one time limit for the whole exchange.

The exchange runs in a thread of its own, so that neither a slow resolver nor a server that sends a
byte a second outlives the limit. Before the request is sent the thread checks under a lock that
neither limit is over: "not sent" is then certain. There are no retries and no redirects, and no
message holds a URL, a header or a body.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

_LARGEST: Final = 2**20


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response.

    ``certificate_ends`` is the Unix time at which the server's certificate expires, None without
    TLS; ``started`` and ``ended`` are the Unix times of the exchange.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate_ends: float | None
    started: float
    ended: float


class NoResponse(Exception):
    """No complete response; ``sent``: the request may have reached the server."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


def fetch(
    method: str,
    url: str,
    limit: float,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    *,
    connect: float | None = None,
    direct: bool = False,
) -> Response:
    """Make one request that may take ``limit`` seconds in all.

    Certificates are verified by the system's authorities or ``SSL_CERT_FILE``.

    Parameters
    ----------
    connect : float, optional
        Seconds until the connection is made, look-up of the name and TLS included; by default as
        long as all of it.
    direct : bool
        Through no proxy. Other requests go through the one that the environment names, except to
        this machine.

    Raises
    ------
    NoResponse
        With the reason in a few words.
    """
    connect = limit if connect is None else min(connect, limit)
    exchange = _Exchange(method, urlsplit(url), dict(headers or {}), body, connect, direct=direct)
    deadline = time.monotonic() + limit
    thread = threading.Thread(target=exchange.run, daemon=True)
    thread.start()
    if exchange.connected.wait(connect):
        thread.join(max(0.0, deadline - time.monotonic()))
    return exchange.result(limit)


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine by its name or address alone.

    Examples
    --------
    >>> [is_this_machine(host) for host in ("localhost", "127.0.0.1", "::1", "example.com")]
    [True, True, True, False]
    """
    if f".{host.lower().rstrip('.')}".endswith(".localhost"):
        return True
    address = address_of(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host is written as, in any spelling; None for a name."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host)
    with contextlib.suppress(OSError, UnicodeError):
        return ipaddress.ip_address(socket.inet_aton(host))
    return None


class _Exchange:
    """An exchange in its thread, and its outcome."""

    def __init__(
        self,
        method: str,
        url: SplitResult,
        headers: dict[str, str],
        body: bytes | None,
        connect: float,
        *,
        direct: bool,
    ) -> None:
        self.connected = threading.Event()
        self._connect = connect
        self._method, self._url, self._body, self._direct = method, url, body, direct
        self._headers = {"Connection": "close", **headers}
        self._lock = threading.Lock()
        self._sent = False
        self._over = False
        self._outcome: Response | Exception | None = None
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        try:
            self._outcome = self._exchange()
        except Exception as error:  # noqa: BLE001 - handed to the caller's thread
            self._outcome = error
        finally:
            self.connected.set()

    def result(self, limit: float) -> Response:
        """Return the response, or raise; ends the exchange."""
        with self._lock:
            self._over = True
            outcome, sent = self._outcome, self._sent
        if isinstance(outcome, Response):
            return outcome
        self._abort()
        if outcome is None or isinstance(outcome, TimeoutError):
            what, limit = ("answer", limit) if sent else ("connection", self._connect)
            raise NoResponse(f"no {what} within the time limit of {limit:.0f} s", sent=sent)
        if isinstance(outcome, OSError | http.client.HTTPException | UnicodeError):
            raise NoResponse(_reason(outcome), sent=sent) from None
        raise outcome

    def _abort(self) -> None:
        sock = self._connection.sock if self._connection is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _exchange(self) -> Response:
        started = time.time()
        connection, target = _connection(
            self._url, self._headers, self._connect, direct=self._direct
        )
        self._connection = connection
        with contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.connect()
            connection.sock.settimeout(None)
            with self._lock:
                if self._over:
                    raise TimeoutError
                self._sent = True
            self.connected.set()
            connection.request(self._method, target, self._body, self._headers)
            ends = _certificate_ends(connection.sock)
            response = stack.enter_context(connection.getresponse())
            body = response.read(_LARGEST)
            if response.length and len(body) < _LARGEST:
                raise http.client.IncompleteRead(body, response.length)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, headers, body, ends, started, time.time())


def _connection(
    url: SplitResult, headers: dict[str, str], seconds: float, *, direct: bool
) -> tuple[http.client.HTTPConnection, str]:
    """Build the connection, through the environment's proxy if any, and the target."""
    host, port = url.hostname or "", url.port
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    proxy = None if direct else _proxy(url.scheme, host)
    secure = url.scheme == "https"
    if proxy is None:
        if secure:
            return _secure(host, port or 443, seconds), target
        return http.client.HTTPConnection(host, port or 80, timeout=seconds), target
    authorization = _proxy_authorization(proxy)
    proxy_host, proxy_port = proxy.hostname or "", proxy.port or 80
    if secure:
        tunnelled = _secure(proxy_host, proxy_port, seconds)
        tunnelled.set_tunnel(host, port or 443, authorization)
        return tunnelled, target
    headers.update(authorization)
    plain = http.client.HTTPConnection(proxy_host, proxy_port, timeout=seconds)
    return plain, f"http://{url.netloc}{target}"


def _secure(host: str, port: int, seconds: float) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(
        host, port, timeout=seconds, context=ssl.create_default_context()
    )


def _proxy(scheme: str, host: str) -> SplitResult | None:
    if is_this_machine(host) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    if not found:
        return None
    try:
        proxy = urlsplit(found if "://" in found else f"http://{found}")
        is_usable = proxy.scheme in ("http", "https") and proxy.hostname and proxy.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise OSError(errno.EINVAL, "the environment's proxy is none like http://host:port")
    return proxy


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _certificate_ends(sock: socket.socket) -> float | None:
    certificate = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    return ssl.cert_time_to_seconds(str(certificate["notAfter"])) if certificate else None


def _reason(error: Exception) -> str:
    """Describe an error in a few words, without any content of the request."""
    match error:
        case socket.gaierror() | UnicodeError():
            return "cannot resolve the host's name"
        case ConnectionRefusedError():
            return "connection refused"
        case ssl.SSLCertVerificationError():
            return f"the certificate is not accepted: {error.verify_message.rstrip('.')}"
        case ConnectionError() | http.client.HTTPException() | ssl.SSLEOFError():
            return "the connection was cut"
        case ssl.SSLError():
            return "no certificate: it does not speak TLS"
        case OSError(strerror=str(text)):
            return f"no connection: {text}"
    return "no connection"
