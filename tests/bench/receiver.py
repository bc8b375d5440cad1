"""What a stored receipt costs: ``python -m tests.bench.receiver [ROUNDS] [SECONDS]``.

The receiver and an empty RequestHandler are measured in turn, round after round, on one core each
against wrk on another, so that what else the machine does hits both; the table shows medians and
their ratios. CPU per request is solid, throughput scatters by a third. Linux only.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.store.read import look, select

CONNECTIONS = 64
RECEIPT = (
    "/webhooks/delivery-receipt?msisdn=447700900123&to=ACME&network-code=23410"
    "&messageId=0A0000001234ABCD&price=0.03330000&status=delivered&scts=2611240800"
    "&err-code=0&api-key=abcd1234&message-timestamp=2026-11-24+08:00:05"
)


@dataclass(frozen=True)
class Run:
    """One run of wrk: requests a second, percentiles in ms, CPU in microseconds a request."""

    answered: int
    throughput: float
    p50: float
    p99: float
    cpu: float


class Server:
    """A server under test, on the first core."""

    def __init__(self, name: str, *command: str, **variables: str) -> None:
        self.name = name
        self.runs: list[Run] = []
        self._process = subprocess.Popen(
            ["taskset", "-c", "0", sys.executable, *command],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **variables},
        )
        assert self._process.stdout is not None
        self.address = re.search(r"http://\S+", self._process.stdout.readline())[0]  # type: ignore[index]

    def measure(self, seconds: float) -> None:
        """One run more."""
        before = self._cpu()
        command = ("taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s")
        wrk = subprocess.run(
            [*command, "--latency", self.address + RECEIPT],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "Non-2xx" not in wrk, wrk
        answered = int(_number(r"(\d+) requests in", wrk))
        self.runs.append(
            Run(
                answered,
                _number(r"Requests/sec:\s+([\d.]+)", wrk),
                _milliseconds("50%", wrk),
                _milliseconds("99%", wrk),
                (self._cpu() - before) / answered * 1e6,
            )
        )

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._process.terminate()
        self._process.wait(30)

    def peak_memory(self) -> float:
        """MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return _number(r"VmHWM:\s+(\d+)", status) / 1000

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])


def _milliseconds(label: str, wrk: str) -> float:
    found = re.search(rf"{label}\s+([\d.]+)(us|ms|s)\b", wrk)
    assert found, wrk
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def stored(data: Path) -> int:
    """How many receipts the data directory holds."""
    with tempfile.TemporaryDirectory() as scratch:
        holdings = look(data, Path(scratch))
        ((count,),) = duckdb.sql(f"select count(*) from ({select(holdings)})").fetchall()
    return int(count)


def main(rounds: int = 5, seconds: float = 5) -> None:
    """Measure, check that what was answered is stored, print the table."""
    data = Path(tempfile.mkdtemp())
    receive = ("-m", "dlr_analytics", "receive", "--port=0", "--admin-port=0", f"--data={data}")
    servers = [Server("empty RequestHandler", "-m", "tests.bench.empty_handler")]
    servers.append(Server("receiver, durable", *receive))
    servers.append(Server("receiver, sealing", *receive, DLR_SEAL_SECONDS="0.2"))
    for number in range(rounds + 1):
        for server in servers:
            server.measure(seconds if number else 1)
    memory = [server.peak_memory() for server in servers]
    for server in servers:
        server.stop()
    answered = sum(run.answered for server in servers[1:] for run in server.runs)
    unanswered = stored(data) - answered
    assert 0 <= unanswered <= CONNECTIONS * len(servers) * (rounds + 1), unanswered
    print(f"{answered} answered, all stored; {unanswered} stored that wrk did not wait for\n")
    _print_table(servers, memory)
    shutil.rmtree(data)


def _print_table(servers: list[Server], memory: list[float]) -> None:
    print("|  | requests/s | CPU us | p50 ms | p99 ms | MB | throughput | CPU | p99 |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    first: list[float] = []
    for server, peak in zip(servers, memory, strict=True):
        runs = server.runs[1:]  # the first warms up
        shown = [
            statistics.median(getattr(run, name) for run in runs)
            for name in ("throughput", "cpu", "p50", "p99")
        ]
        first = first or shown
        cells = [f"{shown[0]:.0f}", f"{shown[1]:.0f}", f"{shown[2]:.1f}", f"{shown[3]:.1f}"]
        cells += [f"{peak:.0f}", *(f"{shown[i] / first[i]:.2f}" for i in (0, 1, 3))]
        print(f"| {server.name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
