"""No 200 before its sync. A kill -9 keeps what was not synced: only from below can it be seen."""

from __future__ import annotations

import re
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dlr_analytics.receiver.commit import MAX_BACKLOG_BYTES
from dlr_analytics.store import layout, verify
from tests.faults.below import Below, Syncs
from tests.support.receivers import PATH, Running, stored

Start = Callable[..., Running]
pytestmark = pytest.mark.compiled


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Below]:
    below = Below(tmp_path)
    for name, value in below.variables.items():
        monkeypatch.setenv(name, value)
    yield below
    below.have_syncs(Syncs.AS_EVER)


class Waiting:
    """Clients that have sent a receipt each, and wait for its answer."""

    def __init__(self, receiver: Running, *message_ids: str) -> None:
        self._open = ExitStack()
        self._sockets = [self._open.enter_context(receiver.connect()) for _ in message_ids]
        for connection, message_id in zip(self._sockets, message_ids, strict=True):
            request = f"GET {PATH}?messageId={message_id} HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall(request.encode())

    def answered(self) -> int:
        """How many have an answer already."""
        return sum(_has_something(connection) for connection in self._sockets)

    def codes(self) -> list[int]:
        """Of the answers, once all have come."""
        with self._open:
            return [int(connection.recv(65536).split()[1]) for connection in self._sockets]


def _has_something(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(20)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def hold(receiver: Running, below: Below) -> tuple[Waiting, Waiting, int]:
    """One receipt whose sync hangs, and eight more that wait for the next."""
    assert receiver.ask("GET", f"{PATH}?messageId=before").code == 200
    before = below.begun
    below.have_syncs(Syncs.WAIT)
    first = Waiting(receiver, "first")
    wait_for(lambda: below.begun > before)
    return first, Waiting(receiver, *(f"next{number}" for number in range(8))), before


@pytest.mark.thorough
def test_a_hanging_sync_delays_its_batch_only_and_eight_share_the_next(
    start: Start, below: Below
) -> None:
    receiver = start(seal_seconds="3600")
    first, others, before = hold(receiver, below)
    for _ in range(20):
        assert receiver.ask(path="/healthz").code == 200
        assert receiver.ask("GET", PATH).code == 200, "a call with no receipt in it"
        assert receiver.ask("PUT", PATH).code == 405
        time.sleep(0.02)
    assert first.answered() + others.answered() == 0
    below.have_syncs(Syncs.AS_EVER)
    assert first.codes() + others.codes() == [200] * 9
    assert below.begun - before == 2
    receiver.stop()
    assert stored(receiver.data).total() == 10


def test_a_failing_sync_is_503_for_its_whole_batch(start: Start, below: Below) -> None:
    receiver = start(seal_seconds="3600")
    first, others, _ = hold(receiver, below)
    below.have_syncs(Syncs.FAIL)
    assert first.codes() + others.codes() == [503] * 9
    assert receiver.ask(path="/readyz").code == 503
    below.have_syncs(Syncs.AS_EVER)
    wait_for(lambda: receiver.ask(path="/readyz").code == 200)
    wait_for(lambda: receiver.ask("GET", f"{PATH}?messageId=after").code == 200)
    code, complaints = receiver.stop()
    assert (code, complaints.count("\n")) == (0, 2), complaints
    assert stored(receiver.data) == {"before": 1, "after": 1}


@pytest.mark.slow
def test_a_disk_that_hangs_is_503_within_10_s_and_keeps_neither_readyz_nor_the_end(
    start: Start, below: Below
) -> None:
    receiver = start(seal_seconds="3600")
    first, others, _ = hold(receiver, below)
    since = time.monotonic()
    assert first.codes() + others.codes() == [503] * 9
    waited = time.monotonic() - since
    assert receiver.ask(path="/readyz").code == 503
    assert receiver.ask("GET", f"{PATH}?messageId=refused").code == 503
    receiver.process.send_signal(signal.SIGTERM)
    _, complaints = receiver.process.communicate(timeout=20)
    assert receiver.process.returncode == 0
    assert "sealing takes too long: the journals stay until the next start" in complaints
    assert waited < 10, "the contract: no request waits longer"
    assert stored(receiver.data)["before"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_stopped_while_the_disk_hangs_every_request_in_hand_is_answered_and_it_ends(
    start: Start, below: Below, workers: str
) -> None:
    receiver = start(f"--workers={workers}", seal_seconds="3600")
    first, others, _ = hold(receiver, below)
    receiver.process.send_signal(signal.SIGTERM)
    since = time.monotonic()
    assert first.codes() + others.codes() == [503] * 9
    receiver.process.communicate(timeout=20)
    assert time.monotonic() - since < 10, "the contract: within 10 s"
    assert receiver.process.returncode == 0
    assert stored(receiver.data)["before"] == 1


@pytest.mark.slow
def test_however_much_comes_while_the_disk_hangs_memory_is_bounded(
    start: Start, below: Below, record_property: Callable[[str, object], None]
) -> None:
    receiver = start(seal_seconds="3600")
    first, others, _ = hold(receiver, below)
    body = b"messageId=much&x=" + b"a" * 60_000
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    waiting = MAX_BACKLOG_BYTES // len(body) + 1
    held = [resident(receiver)]
    with ExitStack() as clients:
        connections: list[socket.socket] = []
        for more in (400, 1200):
            new = [clients.enter_context(receiver.connect()) for _ in range(more)]
            for connection in new:
                connection.sendall(head + body)
            connections.extend(new)
            wait_for(lambda: answered(connections) >= len(connections) - waiting)
            assert receiver.ask(path="/healthz").code == 200
            held.append(resident(receiver))
        answers = {connection.recv(65536).split(b" ", 2)[1] for connection in connections}
    assert first.codes() + others.codes() == [503] * 9
    assert answers == {b"503"}
    assert held[2] - held[1] < 20e6, "of 16 MiB that wait on, later requests are refused"
    megabytes = " then ".join(f"{size / 1e6:.0f}" for size in held)
    record_property("figures", f"a disk that hangs, 0, 24, 96 MB came: memory {megabytes} MB")


def answered(connections: list[socket.socket]) -> int:
    """How many of them have something to read."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return len(poll.poll(0))


def resident(receiver: Running) -> int:
    """Bytes of memory that its process has."""
    status = Path(f"/proc/{receiver.process.pid}/status").read_text(encoding="ascii")
    return 1024 * int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])


@pytest.mark.thorough
@pytest.mark.parametrize("hours", [-25, 25])
def test_a_clock_that_is_set_loses_and_doubles_nothing(
    start: Start, below: Below, hours: int
) -> None:
    receiver = start(seal_seconds="0.2")
    assert receiver.ask("GET", f"{PATH}?messageId=before").code == 200
    below.set_clock(hours * 3600)
    for number in range(5):
        assert receiver.ask("GET", f"{PATH}?messageId=set{number}").code == 200
        time.sleep(0.1)
    below.set_clock(0)
    assert receiver.ask("GET", f"{PATH}?messageId=after").code == 200
    assert receiver.stop() == (0, "")
    assert stored(receiver.data) == dict.fromkeys(
        ["before", *(f"set{number}" for number in range(5)), "after"], 1
    )
    days = list(layout.receipts(receiver.data).iterdir())
    assert len(days) in (2, 3), "the day is the time of arrival's; midnight may have passed"
    findings = [
        finding
        for path in verify.files_to_check(receiver.data)
        for finding in verify.check_file(path, receiver.data)
    ]
    # Receipts of a clock that was more than a day ahead are named, each of them intact.
    assert {finding.partition(" ")[2] for finding in findings} <= {
        "receipts more than a day ahead of the clock"
    }
    assert sum(int(finding.partition(" ")[0]) for finding in findings) == (5 if hours > 0 else 0)
