"""Strangers can fill the quarantine, and must neither fill the disk nor keep receipts out."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dlr_analytics.store import layout, quarantine
from tests.support.receivers import PATH, Running, ask_admin, free_port, stored

Start = Callable[..., Running]


@pytest.mark.thorough
def test_past_its_limit_it_is_503_and_one_line_while_receipts_go_on_and_it_empties_again(
    start: Start,
) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}", seal_seconds="3600")
    ballast = layout.quarantine(receiver.data) / "0123456789abcdef-000001-0.jsonl"
    with ballast.open("wb") as file:
        file.truncate(quarantine.LIMIT - 100)  # holes: it takes no room
    for number in range(5):
        assert receiver.ask("POST", PATH, '{"messageId":').code == 503
        assert receiver.ask("GET", f"{PATH}?messageId={number}").code == 200
        time.sleep(0.3)
    assert receiver.ask(path="/readyz").code == 200, "receipts can be stored"
    metrics = ask_admin(port, "/metrics")[1]
    assert "dlr_quarantine_bytes 2.68435356e+08" in metrics
    assert "quarantine is full" in ask_admin(port, "/")[1]
    ballast.unlink()
    deadline = time.monotonic() + 20
    while receiver.ask("POST", PATH, '{"messageId":').code == 503:
        assert time.monotonic() < deadline
    code, complaints = receiver.stop()
    assert code == 0
    full, again = complaints.splitlines()
    assert full.startswith("dlr: cannot store, answering 503 until it works again: ")
    assert "quarantine is full: 256 MiB of requests that cannot be parsed; list them with" in full
    assert again == "dlr: storing works again"
    assert stored(receiver.data) == {str(number): 1 for number in range(5)}
