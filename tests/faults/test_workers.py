"""Several processes on one port, and on one data directory: whichever dies, nothing is lost."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Writer
from tests.faults.load import Ledger, client, lost_and_doubled, under_load
from tests.support.journals import entry
from tests.support.receivers import PATH, Running, ask_admin, free_port, stored

Start = Callable[..., Running]
Record = Callable[[str, object], None]


def is_alive(process: int) -> bool:
    """Whether a process is there, and not only its entry."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith(b"Z")


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def faithful(stopping: list[bool]) -> Callable[[Running, Ledger], Coroutine[None, None, None]]:
    """A client that connects again where it was cut off, until the receiver is stopped."""

    async def send(receiver: Running, ledger: Ledger) -> None:
        while not stopping:
            await client(receiver, ledger)

    return send


def killing(start: Start, rounds: int, record_property: Record) -> None:
    port = free_port()
    receiver, ledger = start("--workers=2", f"--admin-port={port}", seal_seconds="0.3"), Ledger()
    stopping: list[bool] = []

    async def kill() -> None:
        for _ in range(rounds):
            victim = (before := receiver.children())[0]
            await asyncio.sleep(0.4)
            os.kill(victim, signal.SIGKILL)
            while victim in (now := receiver.children()) or len(now) < len(before):
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        stopping.append(True)
        receiver.process.terminate()

    under_load(receiver, ledger, kill, clients=16, sender=faithful(stopping))
    _, complaints = receiver.process.communicate(timeout=30)
    assert receiver.process.returncode == 0, complaints
    assert len(re.findall(r"worker \d+ ended with -9; another is started", complaints)) == rounds
    found = stored(receiver.data)
    lost, doubled = lost_and_doubled(ledger, found)
    assert (lost, doubled) == (set(), set())
    assert ledger.answers.keys() == {200}
    assert list(layout.journal(receiver.data).iterdir()) == []
    record_property(
        "figures",
        f"one of two workers killed: {rounds} rounds, {len(ledger.acknowledged)} acknowledged,"
        f" {len(found)} found, lost {len(lost)}, doubled {len(doubled)}",
    )


@pytest.mark.thorough
def test_a_worker_killed_under_load_is_replaced_and_nothing_is_lost(
    start: Start, record_property: Record
) -> None:
    killing(start, 1, record_property)


@pytest.mark.slow
def test_workers_killed_under_load_again_and_again_are_replaced_and_nothing_is_lost(
    start: Start, record_property: Record
) -> None:
    killing(start, 8, record_property)


@pytest.mark.thorough
def test_workers_share_the_work_say_the_address_once_and_are_counted_as_one(start: Start) -> None:
    port = free_port()
    receiver = start("--workers=2", f"--admin-port={port}", seal_seconds="3600")
    assert receiver.announced == f"receiving {PATH} on {receiver.url.geturl()}\n"
    for number in range(40):
        assert receiver.ask("GET", f"{PATH}?messageId={number}&status=delivered").code == 200
    assert len(list(layout.journal(receiver.data).iterdir())) == 2, "both have written"
    _, text = ask_admin(port, "/metrics")
    assert 'dlr_receipts_total{source="sms",status="delivered",transport="get"} 40.0' in text
    assert "dlr_commit_seconds_count 40.0" in text
    assert "dlr_unsealed_receipts 40.0" in text
    assert "dlr_workers 2.0" in text
    victim, _ = receiver.children()
    time.sleep(1.2)  # longer than until the next report of what it has seen
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: "dlr_workers_replaced_total 1.0" in ask_admin(port, "/metrics")[1])
    assert 'transport="get"} 40.0' in ask_admin(port, "/metrics")[1], "counters never fall"
    wait_for(lambda: "dlr_workers 2.0" in ask_admin(port, "/metrics")[1])
    for number in range(40, 60):
        assert receiver.ask("GET", f"{PATH}?messageId={number}&status=delivered").code == 200
    text = ask_admin(port, "/metrics")[1]
    assert 'dlr_receipts_total{source="sms",status="delivered",transport="get"} 60.0' in text
    assert 'dlr_answers_total{code="200"} 60.0' in text
    assert 'dlr_commit_seconds_bucket{le="+Inf"} 60.0' in text
    newest = re.findall(r"^dlr_last_receipt_timestamp_seconds (\S+)$", text, re.MULTILINE)
    assert abs(time.time() - float(newest[0])) < 60
    receiver.process.send_signal(signal.SIGTERM)
    rest, _ = receiver.process.communicate(timeout=30)
    assert (receiver.process.returncode, rest) == (0, "")
    assert stored(receiver.data).total() == 60
    assert list(layout.journal(receiver.data).iterdir()) == []


@pytest.mark.thorough
def test_a_supervisor_killed_takes_its_workers_along_and_they_seal(start: Start) -> None:
    receiver = start("--workers=2", seal_seconds="3600")
    for number in range(20):
        assert receiver.ask("GET", f"{PATH}?messageId={number}").code == 200
    workers = receiver.children()
    receiver.process.kill()
    receiver.process.wait()
    wait_for(lambda: not any(map(is_alive, workers)))
    assert list(layout.journal(receiver.data).iterdir()) == []
    assert stored(receiver.data) == {str(number): 1 for number in range(20)}


@pytest.mark.thorough
def test_two_receivers_on_one_directory_one_killed_under_load(
    start: Start, record_property: Record
) -> None:
    first, second = start(seal_seconds="0.1"), start(seal_seconds="0.1")
    ledger = Ledger()

    async def kill() -> None:
        await asyncio.sleep(1)
        first.process.kill()
        await asyncio.sleep(1)
        second.process.terminate()

    async def beside(_: Running, ledger: Ledger) -> None:
        await asyncio.gather(client(first, ledger), client(second, ledger))

    under_load(first, ledger, kill, clients=8, sender=beside)
    assert second.process.wait(30) == 0
    first.process.wait()
    found = stored(first.data)
    lost, doubled = lost_and_doubled(ledger, found)
    assert (lost, doubled) == (set(), set())
    assert list(layout.journal(first.data).iterdir()) == [], "the other seals what the dead left"
    record_property(
        "figures",
        f"two receivers on one directory, one killed: {len(ledger.acknowledged)} acknowledged,"
        f" {len(found)} found, lost {len(lost)}, doubled {len(doubled)}",
    )


@pytest.mark.thorough
def test_journals_found_by_several_processes_at_once_are_sealed_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Writer(data).probe()
    ids = [f"{number}-{each}" for number in range(12) for each in range(3)]
    for number in range(12):
        writer = Writer(data)
        writer.write([entry(f"{number}-{each}") for each in range(3)])
        writer.release()
    command = [sys.executable, "-m", "dlr_analytics.store.receipts.seal", str(data)]
    sealing = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[1] for process in sealing]
    assert [process.returncode for process in sealing] == [0] * 4, said
    assert stored(data) == dict.fromkeys(ids, 1)
    assert len(list(layout.receipts(data).rglob("*.parquet"))) == 12
    assert list(layout.journal(data).iterdir()) == []
    assert list(layout.staging(data).iterdir()) == []
