"""What connections and receipts cost in memory: ``python -m tests.bench.memory [RECEIPTS]``.

One receiver, sealing each ten seconds: its resident memory after the start, with idle connections,
and after each tenth of so many receipts. Linux only; needs wrk.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.receiver import RECEIPT, receipts
from tests.support.receivers import Running

IDLE = 2000


def resident(receiver: Running) -> int:
    """kB."""
    status = Path(f"/proc/{receiver.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found[1])


def send(receiver: Running, at_least: int) -> int:
    """So many receipts over 64 connections; how many it were."""
    sent = 0
    while sent < at_least:
        command = ("wrk", "-t1", "-c64", "-d5s", receiver.url.geturl() + RECEIPT)
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in said, said
        found = re.search(r"(\d+) requests in", said)
        assert found
        sent += int(found[1])
    return sent


def main(number: int = 1_000_000) -> None:
    """Measure, check that what was answered is stored, print."""
    folder = Path(tempfile.mkdtemp())
    receiver = Running(folder / "data", seal_seconds="10")
    answered = send(receiver, 1)
    before = resident(receiver)
    idle = [receiver.connect() for _ in range(IDLE)]
    receiver.ask(path="/healthz")
    cost = (resident(receiver) - before) / IDLE
    print(f"{before / 1000:.1f} MB after {answered:,} receipts; {cost:.1f} kB an idle connection\n")
    for connection in idle:
        connection.close()
    print("| receipts | MB |\n|--:|--:|")
    for part in range(1, 11):
        answered += send(receiver, max(number * part // 10 - answered, 1))
        print(f"| {answered:,} | {resident(receiver) / 1000:.1f} |", flush=True)
    assert receiver.stop()[0] == 0
    found = receipts(receiver.data)
    assert found >= answered
    print(f"\n{answered:,} answered, {found:,} stored")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
