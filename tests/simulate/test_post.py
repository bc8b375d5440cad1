"""Posting to a receiver: in order, at a steady rate, until each is acknowledged."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dlr_analytics.errors import DlrError, UnreadableValue
from dlr_analytics.simulate import WebhookCall, simulate
from dlr_analytics.simulate import post as posting
from dlr_analytics.simulate.post import post
from dlr_analytics.webhook.judge import WEBHOOK_PATH

CALLS = simulate(60, seed=1, days=9, end=dt.datetime(2026, 11, 23)).calls
CUT: int = 0
"""The answer of a receiver that closes the connection."""


class Script:
    """Requests to a scripted receiver, and its answer to the nth one (from 0)."""

    def __init__(self, answer: Callable[[int], int]) -> None:
        self.answer = answer
        self.received: list[tuple[str, str, bytes]] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()


@contextmanager
def receiver(answer: Callable[[int], int] = lambda _: 200) -> Iterator[tuple[str, Script]]:
    """A server on a free loopback port that follows a script."""
    script = Script(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with script.lock:
                script.at_once += 1
                script.most_at_once = max(script.most_at_once, script.at_once)

        def finish(self) -> None:
            with script.lock:
                script.at_once -= 1
            super().finish()

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with script.lock:
                number = len(script.received)
                script.received.append((self.command, self.path, body))
            code = script.answer(number)
            if code == CUT:
                self.close_connection = True
                return
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the standard library's word

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", script
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(posting, "LONGEST_WAIT_S", 0.002)


def as_received(call: WebhookCall) -> tuple[str, str, bytes]:
    query = f"?{call.query.decode()}" if call.query else ""
    return call.method, WEBHOOK_PATH + query, call.body


def test_calls_arrive_complete_and_in_order() -> None:
    with receiver() as (url, script):
        posted = post(CALLS, url, connections=1)
    assert posted.acknowledged == CALLS
    assert script.received == [as_received(call) for call in CALLS]


def test_many_connections_deliver_each_call_once() -> None:
    with receiver() as (url, script):
        posted = post(CALLS, url, connections=8)
    assert sorted(script.received) == sorted(map(as_received, CALLS))
    assert len(posted.acknowledged) == len(CALLS)
    # One more has knocked, to see whether anybody is there.
    assert 1 < script.most_at_once <= 9


def test_what_was_not_stored_comes_again() -> None:
    with receiver(lambda number: 503 if number % 3 == 0 else 200) as (url, script):
        posted = post(CALLS, url, connections=1)
    assert posted.acknowledged == CALLS
    assert posted.repeated == ()
    assert len(script.received) > len(CALLS)


def test_a_call_whose_connection_broke_comes_again_and_may_be_stored_twice() -> None:
    with receiver(lambda number: CUT if number == 4 else 200) as (url, script):
        posted = post(CALLS, url, connections=1)
    assert posted.acknowledged == CALLS
    assert posted.repeated == (CALLS[4],)
    assert script.received[4] == script.received[5] == as_received(CALLS[4])


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_TIMEOUT_S", 0.2)
    awake = threading.Event()

    def sleepy(number: int) -> int:
        if number == 0:
            awake.wait(10)
        return 200

    with receiver(sleepy) as (url, script):
        posted = post(CALLS[:2], url, connections=1)
        awake.set()
    assert posted.acknowledged == CALLS[:2]
    assert posted.repeated == CALLS[:1]
    assert script.received[0] == script.received[1]


def test_a_final_answer_stops_the_sending_with_one_sentence() -> None:
    with (
        receiver(lambda number: 404 if number == 3 else 200) as (url, script),
        pytest.raises(DlrError, match="answered 404; check --url"),
    ):
        post(CALLS, url, connections=1)
    assert len(script.received) == 4


def test_one_worker_s_failure_stops_the_others() -> None:
    with receiver(lambda _: 404) as (url, script), pytest.raises(DlrError, match="answered 404"):
        post(CALLS, url, connections=4)
    assert len(script.received) <= 4


def test_a_receiver_that_stays_away_is_given_up() -> None:
    with (
        receiver(lambda _: 503) as (url, script),
        pytest.raises(DlrError, match="answered 503 each time"),
    ):
        post(CALLS[:1], url, tries=3)
    assert len(script.received) == 3


def test_nothing_that_listens_is_one_sentence() -> None:
    with pytest.raises(DlrError, match=r"nothing listens at .*; start `dlr receive` first"):
        post(CALLS, "http://127.0.0.1:9")


def test_a_host_that_is_no_name_is_one_sentence() -> None:
    with pytest.raises(
        DlrError, match=r"nothing listens at http://a\.\.b:80/.*: no name of a host"
    ):
        post(CALLS, "http://a..b:80")


@pytest.mark.parametrize(
    "url",
    [
        *("", "127.0.0.1:8080", "ftp://127.0.0.1", "http://"),
        *("http://127.0.0.1:99999", "http://127.0.0.1:0", "http://127.0.0.1:x", "http://[::1"),
        *("http://127.0.0.1:9/a b", "http://127.0.0.1:9/caf\xe9", "http://127.0.0.1:9/a\0b"),
    ],
)
def test_an_invalid_url_is_refused(url: str) -> None:
    with pytest.raises(UnreadableValue, match="is not a URL"):
        post(CALLS, url)


def test_the_path_and_query_of_the_url_are_used() -> None:
    get = next(call for call in CALLS if call.method == "GET" and call.query)
    with receiver() as (url, script):
        post([get], f"{url}{WEBHOOK_PATH}/s3cret?key=1")
    ((_, path, _),) = script.received
    assert path == f"{WEBHOOK_PATH}/s3cret?key=1&{get.query.decode()}"


def test_each_acknowledged_call_is_counted_as_it_comes() -> None:
    ticks: list[int] = []
    with receiver() as (url, _):
        post(CALLS, url, tick=lambda: ticks.append(1))
    assert len(ticks) == len(CALLS)


class FakeTime:
    """A clock that moves only on sleep or stall."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_the_pace_is_steady_and_a_stall_is_not_made_up_in_a_burst(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = FakeTime()
    monkeypatch.setattr(posting, "time", time)
    started = []
    for number, _ in enumerate(posting.paced(CALLS[:6], 10.0)):
        started.append(time.now)
        if number == 2:
            time.sleep(5)
    assert started == pytest.approx([100.0, 100.1, 100.2, 105.2, 105.3, 105.4])
