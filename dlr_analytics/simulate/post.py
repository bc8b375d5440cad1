"""An HTTP client that posts webhook calls concurrently, at a steady rate.

After a 503 or a broken connection a call is retried with exponential backoff. Any other answer
than 200 is an error of the address.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from dlr_analytics.errors import DlrError, UnreadableValue
from dlr_analytics.simulate.calls import WebhookCall
from dlr_analytics.webhook.judge import WEBHOOK_PATH

CONNECTIONS: Final = 16
PER_SECOND: Final = 1000.0
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 15.0
TRIES: Final = 30
"""About six minutes of a receiver that is down."""

ANSWER_TIMEOUT_S: Final = 15.0
"""Vonage's own time limit of an answer."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Result of posting.

    ``acknowledged`` calls were answered 200, in about the order of the answers. ``repeated`` are
    those among them that were retried after a broken connection: they may be stored twice.
    """

    acknowledged: tuple[WebhookCall, ...]
    repeated: tuple[WebhookCall, ...]


def post(
    calls: Iterable[WebhookCall],
    url: str,
    *,
    connections: int = CONNECTIONS,
    per_second: float = PER_SECOND,
    tries: int = TRIES,
    tick: Callable[[], object] = lambda: None,
) -> Posted:
    """Send calls to a receiver in their order, until each is acknowledged.

    Parameters
    ----------
    calls : iterable of WebhookCall
        Consumed one by one; each starts after the one before it has started.
    url : str
        Of the receiver, like ``http://127.0.0.1:8080``; the path defaults to the webhook's.
    connections : int
        Number of concurrent connections.
    per_second : float
        Maximum rate.
    tries : int
        Maximum number of attempts of a call.
    tick : callable
        Called after each acknowledged call, from one thread at a time.

    Raises
    ------
    UnreadableValue
        If ``url`` is not a URL.
    DlrError
        If nothing listens there, an answer is neither 200 nor 503, or all attempts fail.
    """
    address = _address(url)
    _check_reachable(address)
    queue = _CallQueue(calls, per_second, tick)
    with ThreadPoolExecutor(connections, "post") as threads:
        workers = [threads.submit(_work, queue, address, tries) for _ in range(connections)]
        try:
            for worker in workers:
                worker.result()
        finally:
            queue.close()
    return Posted(tuple(queue.acknowledged), tuple(queue.repeated))


def _address(url: str) -> SplitResult:
    unusable = UnreadableValue(f"{url!r} is not a URL", "give one like http://127.0.0.1:8080")
    try:
        address = urlsplit(url)
        is_usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        raise unusable from None
    # The HTTP client would refuse these at each call, as if the receiver were down.
    if not is_usable or not (url.isascii() and url.isprintable()) or " " in url:
        raise unusable
    return address if address.path.strip("/") else address._replace(path=WEBHOOK_PATH)


def _check_reachable(address: SplitResult) -> None:
    """Fail at once if nothing listens: a wrong URL is not an outage to wait for."""
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), timeout=3).close()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a host"
        raise DlrError(
            f"nothing listens at {address.geturl()}: {reason or error}",
            "start `dlr receive` first, or give another --url",
        ) from None


class _CallQueue:
    """Hands out calls to the workers, and collects those acknowledged."""

    def __init__(
        self, calls: Iterable[WebhookCall], per_second: float, tick: Callable[[], object]
    ) -> None:
        self._calls = paced(calls, per_second)
        self._tick = tick
        self._fetching = threading.Lock()
        self._counting = threading.Lock()
        self.closed = threading.Event()
        self.acknowledged: list[WebhookCall] = []
        self.repeated: list[WebhookCall] = []

    def fetch(self) -> WebhookCall | None:
        """Wait for the time of the next call and return it; None if there are no more."""
        with self._fetching:
            return None if self.closed.is_set() else next(self._calls, None)

    def count(self, call: WebhookCall, *, repeated: bool) -> None:
        """Record an acknowledged call."""
        with self._counting:
            self.acknowledged.append(call)
            if repeated:
                self.repeated.append(call)
            self._tick()

    def close(self) -> None:
        """Hand out no more calls."""
        self.closed.set()


def paced(calls: Iterable[WebhookCall], per_second: float) -> Iterator[WebhookCall]:
    """Yield calls at a maximum rate; lost time is not made up in a burst."""
    due = time.monotonic()
    for call in calls:
        now = time.monotonic()
        if now < due:
            time.sleep(due - now)
        due = max(now, due) + 1 / per_second
        yield call


def _work(queue: _CallQueue, address: SplitResult, tries: int) -> None:
    """Fetch and send calls until there are no more or another worker has failed."""
    connection = _connection(address)
    try:
        while (call := queue.fetch()) is not None:
            repeated = _deliver(call, connection, address, tries, queue.closed)
            if repeated is None:
                return
            queue.count(call, repeated=repeated)
    except BaseException:
        queue.close()
        raise
    finally:
        connection.close()


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.hostname or "", address.port, timeout=ANSWER_TIMEOUT_S)


def _deliver(
    call: WebhookCall,
    connection: http.client.HTTPConnection,
    address: SplitResult,
    tries: int,
    closed: threading.Event,
) -> bool | None:
    """Send one call until it is acknowledged.

    Returns
    -------
    bool or None
        Whether a broken attempt may have stored it already; None if another worker has failed.
    """
    wait, broken, code = FIRST_WAIT_S, False, 0
    for _ in range(tries):
        try:
            code = _send(call, connection, address)
        except (OSError, http.client.HTTPException):
            connection.close()
            code, broken = 0, True
        if code == http.HTTPStatus.OK:
            return broken
        if code not in (0, http.HTTPStatus.SERVICE_UNAVAILABLE):
            raise DlrError(f"{address.geturl()} answered {code}", "check --url and its last part")
        if closed.wait(wait):
            return None
        wait = min(2 * wait, LONGEST_WAIT_S)
    if code:
        raise DlrError(
            f"{address.geturl()} answered {code} each time: it cannot store, or requires"
            " signatures, which these calls lack",
            "check its log, then repeat this",
        )
    raise DlrError(
        f"{address.geturl()} does not answer", "start the receiver again, then repeat this"
    )


def _send(call: WebhookCall, connection: http.client.HTTPConnection, address: SplitResult) -> int:
    query = "&".join(part for part in (address.query, call.query.decode()) if part)
    target = f"{address.path}?{query}" if query else address.path
    connection.request(call.method, target, call.body or None, dict(call.headers))
    response = connection.getresponse()
    response.read()
    return response.status
