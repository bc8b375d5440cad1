"""A full disk: 503 until it has room again, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from tests.faults.disks import small_disk
from tests.support.receivers import PATH, Running, stored

Start = Callable[..., Running]
ENDLESS = resource.RLIM_INFINITY


def limit_file_size(receiver: Running, size: int) -> None:
    """From now on a file that would grow beyond ``size`` bytes is an error, as on a full disk."""
    resource.prlimit(receiver.process.pid, resource.RLIMIT_FSIZE, (size, ENDLESS))


@pytest.mark.thorough
@pytest.mark.parametrize("size", [0, 1000])
def test_while_it_is_full_nothing_is_acknowledged_and_then_it_goes_on_by_itself(
    start: Start, size: int
) -> None:
    receiver = start()
    acknowledged = [message_id for message_id in "abc" if _send(receiver, message_id) == 200]
    limit_file_size(receiver, size)
    answers = {}
    for number in range(60):
        answers[f"full{number}"] = _send(receiver, f"full{number}")
        if number % 20 == 19:
            time.sleep(0.6)
    assert set(answers.values()) <= {200, 503}
    assert list(answers.values()).count(503) > 30
    limit_file_size(receiver, 0)
    assert _send(receiver, "stillfull") == 503
    assert (receiver.ask(path="/readyz").code, receiver.ask(path="/healthz").code) == (503, 200)
    assert len([*layout.journal(receiver.data).iterdir()]) <= 1 + list(answers.values()).count(200)
    deadline = time.monotonic() + 20
    while [*layout.staging(receiver.data).iterdir()]:  # of a child that tries to seal just now
        assert time.monotonic() < deadline

    limit_file_size(receiver, ENDLESS)
    deadline = time.monotonic() + 20
    while receiver.ask(path="/readyz").code == 503:
        assert time.monotonic() < deadline
    while _send(receiver, "again") == 503:
        assert time.monotonic() < deadline
    acknowledged += [message_id for message_id, code in answers.items() if code == 200]
    code, complaints = receiver.stop()
    assert stored(receiver.data) == dict.fromkeys([*acknowledged, "again"], 1)
    assert code == 0
    first, *rest = complaints.splitlines()
    assert first.startswith("dlr: cannot store, answering 503 until it works again: ")
    assert first.endswith("File too large")
    assert "dlr: storing works again" in rest


@pytest.mark.thorough
@pytest.mark.mount
def test_a_disk_of_4_mb_filled_to_the_last_byte_and_emptied_again(
    start: Start, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        receiver = start(data=disk / "data", seal_seconds="3600")
        acknowledged = []
        code, number = 200, 0
        while code == 200:
            code = _send(receiver, f"{number}", padding=20_000)
            acknowledged += [f"{number}"] if code == 200 else []
            number += 1
        assert len(acknowledged) > 20, "there was room for that many"
        assert code == 503
        _fill_up(disk / "ballast")
        refused = {_send(receiver, f"full{number}") for number in range(100)}
        assert (receiver.ask(path="/readyz").code, refused) == (503, {503})
        time.sleep(0.6)
        assert _send(receiver, "still") == 503
        assert len(list(layout.journal(receiver.data).iterdir())) == 1, "no heap of files"
        assert list(layout.staging(receiver.data).iterdir()) == []

        (disk / "ballast").unlink()
        deadline = time.monotonic() + 20
        while receiver.ask(path="/readyz").code != 200 or _send(receiver, "again") != 200:
            assert time.monotonic() < deadline
        assert receiver.stop()[0] == 0
        found = stored(receiver.data)
        assert found == dict.fromkeys([*acknowledged, "again"], 1)
    record_property(
        "figures", f"a full disk: {len(acknowledged) + 1} acknowledged, {len(found)} found, lost 0"
    )


def _fill_up(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)):
                    os.fsync(file.fileno())
            except OSError:
                continue


def _send(receiver: Running, message_id: str, padding: int = 0) -> int:
    return receiver.ask("GET", f"{PATH}?messageId={message_id}&x={'x' * padding}").code
