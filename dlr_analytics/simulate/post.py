"""Calls to a receiver, many at once and at a steady pace, as Vonage would make them.

What is not stored comes again: a 503 and a broken connection are tried again after a wait that
doubles. Any other answer than 200 is final, and then it is the address that is wrong.
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
"""Some six minutes of a receiver that is down."""

ANSWER_S: Final = 15.0
"""Vonage waits no longer for an answer."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the calls.

    ``acknowledged`` were answered 200, in about the order of the answers. ``repeated`` are those
    among them that came again after a connection broke: they may be stored more than once.
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
    """Send calls to a receiver, started in their order, and wait for each to be acknowledged.

    Parameters
    ----------
    calls : iterable of WebhookCall
        Taken one by one; each starts when the one before it has started.
    url : str
        Of the receiver, ``http://127.0.0.1:8080`` for example; without a path the webhook's.
    connections : int
        How many are open at once.
    per_second : float
        The pace; where the receiver is slower, its own.
    tries : int
        How often a call is made until the receiver counts as gone.
    tick : callable
        Called for each call that was acknowledged, one at a time.

    Raises
    ------
    UnreadableValue
        If ``url`` is none.
    DlrError
        If nothing listens there, an answer is final and not 200, or the receiver stays away.
    """
    address = _address(url)
    _knock(address)
    desk = _Desk(calls, per_second, tick)
    with ThreadPoolExecutor(connections, "post") as threads:
        workers = [threads.submit(_work, desk, address, tries) for _ in range(connections)]
        try:
            for worker in workers:
                worker.result()
        finally:
            desk.close()
    return Posted(tuple(desk.acknowledged), tuple(desk.repeated))


def _address(url: str) -> SplitResult:
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise UnreadableValue(f"{url!r} is no URL", "give one like http://127.0.0.1:8080")
    return address if address.path.strip("/") else address._replace(path=WEBHOOK_PATH)


def _knock(address: SplitResult) -> None:
    """A receiver that is away from the start is a mistake, and not a fault to wait out."""
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), timeout=3).close()
    except OSError as error:
        raise DlrError(
            f"nothing listens at {address.geturl()}: {error.strerror or error}",
            "start `dlr receive` first, or give another --url",
        ) from None


class _Desk:
    """Where workers fetch the next call, in turn, and bring back what was acknowledged."""

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
        """The next call when its time has come; None when there is no more."""
        with self._fetching:
            return None if self.closed.is_set() else next(self._calls, None)

    def count(self, call: WebhookCall, *, repeated: bool) -> None:
        """Note that a call was acknowledged."""
        with self._counting:
            self.acknowledged.append(call)
            if repeated:
                self.repeated.append(call)
            self._tick()

    def close(self) -> None:
        """Give out nothing more."""
        self.closed.set()


def paced(calls: Iterable[WebhookCall], per_second: float) -> Iterator[WebhookCall]:
    """Each call not before its time; time that was lost is not made up in a burst."""
    due = time.monotonic()
    for call in calls:
        now = time.monotonic()
        if now < due:
            time.sleep(due - now)
        due = max(now, due) + 1 / per_second
        yield call


def _work(desk: _Desk, address: SplitResult, tries: int) -> None:
    """Fetch and send, until there is nothing more or another worker has failed."""
    connection = _connection(address)
    try:
        while (call := desk.fetch()) is not None:
            repeated = _deliver(call, connection, address, tries, desk.closed)
            if repeated is None:
                return
            desk.count(call, repeated=repeated)
    except BaseException:
        desk.close()
        raise
    finally:
        connection.close()


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.hostname or "", address.port, timeout=ANSWER_S)


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
        Whether it may have been stored before; None where the others have given up.
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
            f"{address.geturl()} answered {code} each time: it cannot store, or takes only signed"
            " calls, which these are not",
            "see what it logs, then repeat this",
        )
    raise DlrError(f"{address.geturl()} stays away", "start the receiver again, then repeat this")


def _send(call: WebhookCall, connection: http.client.HTTPConnection, address: SplitResult) -> int:
    query = "&".join(part for part in (address.query, call.query.decode()) if part)
    target = f"{address.path}?{query}" if query else address.path
    connection.request(call.method, target, call.body or None, dict(call.headers))
    response = connection.getresponse()
    response.read()
    return response.status
