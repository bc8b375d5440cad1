"""``kill -9`` at any moment: each acknowledged receipt is there, once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dlr_analytics.store import layout, verify
from tests.faults.load import Ledger, lost_and_doubled, under_load
from tests.support.receivers import Running, stored

Start = Callable[..., Running]


@contextmanager
def reading(data: Path, ledger: Ledger) -> Iterator[list[int]]:
    """A reader that looks again and again; how many receipts it saw each time."""
    looks: list[int] = []
    wrong: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            known = set(ledger.acknowledged)
            found = stored(data)
            looks.append(len(found))
            wrong.extend(message_id for message_id, times in found.items() if times > 1)
            wrong.extend(known - found.keys())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        stop.set()
        thread.join()
    assert wrong == []


def rounds(start: Start, number: int, record_property: Callable[[str, object], None]) -> None:
    chance = random.Random(number)
    ledger = Ledger()
    looks = 0
    for count in range(number):
        receiver = start(seal_seconds=chance.choice(["0.1", "0.5", "60"]))

        async def kill(receiver: Running = receiver, sealing_too: bool = count % 3 == 0) -> None:
            await asyncio.sleep(chance.uniform(0.05, 1.2))
            for child in receiver.children() if sealing_too else ():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            receiver.process.kill()

        if count % 2:
            with reading(receiver.data, ledger) as seen:
                under_load(receiver, ledger, kill)
            looks += len(seen)
        else:
            under_load(receiver, ledger, kill)
        receiver.process.wait()
        assert lost_and_doubled(ledger, stored(receiver.data)) == (set(), set())
    last = start()
    assert last.stop() == (0, "")
    found = stored(last.data)
    lost, doubled = lost_and_doubled(ledger, found)
    assert (lost, doubled) == (set(), set())
    assert len(ledger.acknowledged) > number
    assert list(layout.journal(last.data).iterdir()) == []
    faults = {path: verify.check_file(path, last.data) for path in verify.files_to_check(last.data)}
    assert [path for path, sentences in faults.items() if sentences] == []
    record_property(
        "figures",
        f"kill -9: {number} rounds, {len(ledger.acknowledged)} acknowledged, {len(found)} found,"
        f" lost {len(lost)}, doubled {len(doubled)}; {looks} looks of readers meanwhile",
    )


def test_killed_under_load_nothing_acknowledged_is_missing_or_doubled(
    start: Start, record_property: Callable[[str, object], None]
) -> None:
    rounds(start, 4, record_property)


@pytest.mark.slow
def test_killed_under_load_thirty_times_nothing_acknowledged_is_missing_or_doubled(
    start: Start, record_property: Callable[[str, object], None]
) -> None:
    rounds(start, 30, record_property)


@pytest.mark.thorough
def test_stopped_under_load_every_request_in_hand_is_answered_and_all_is_sealed(
    start: Start,
) -> None:
    receiver, ledger = start(), Ledger()

    async def stop() -> None:
        await asyncio.sleep(0.5)
        receiver.process.terminate()

    under_load(receiver, ledger, stop)
    assert receiver.process.wait(10) == 0, "the contract: within 10 s"
    assert ledger.answers.keys() == {200}
    assert stored(receiver.data).keys() == ledger.acknowledged
    assert list(layout.journal(receiver.data).iterdir()) == []


@pytest.mark.thorough
def test_a_reader_beside_a_receiver_that_seals_without_pause_sees_each_receipt_once(
    start: Start,
) -> None:
    receiver, ledger = start(seal_seconds="0.05"), Ledger()

    async def stop() -> None:
        await asyncio.sleep(3)
        receiver.process.terminate()

    with reading(receiver.data, ledger) as looks:
        under_load(receiver, ledger, stop, clients=8)
    assert receiver.process.wait(30) == 0
    assert len(looks) > 3
    assert lost_and_doubled(ledger, stored(receiver.data)) == (set(), set())
