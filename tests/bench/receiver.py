"""What a stored receipt costs: ``python -m tests.bench.receiver [ROUNDS] [SECONDS]``.

The receiver, an empty RequestHandler and what one might write instead are measured in turn, round
after round, on one core each against wrk on another, so that what else the machine does hits all;
the table shows medians and their ratios. Two workers get both cores, wrk's among them. CPU per
request is solid, throughput scatters by a third. Needs Linux, two cores, wrk, and the ``bench``
extra.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.store.receipts.read import open_receipts, select_receipts

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
    """A server under test, on the first core by default.

    Parameters
    ----------
    stored : callable, optional
        How many receipts it holds; None for one that stores nothing.
    """

    def __init__(
        self,
        name: str,
        *command: str,
        stored: Callable[[], int] | None = None,
        cores: str = "0",
        **env: str,
    ) -> None:
        self.name = name
        self.runs: list[Run] = []
        self.stored = stored
        self._process = subprocess.Popen(
            ["taskset", "-c", cores, sys.executable, *command],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
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

    def check(self) -> int:
        """That what was answered is stored; how many are stored beyond that."""
        if self.stored is None:
            return 0
        answered = sum(run.answered for run in self.runs)
        more = self.stored() - answered
        assert 0 <= more <= CONNECTIONS * len(self.runs), f"{self.name}: {answered}, {more:+}"
        return more

    def peak_memory(self) -> float:
        """MB of the largest of its processes."""
        return max(
            _number(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text()) / 1000
            for process in self._processes()
        )

    def _processes(self) -> list[int]:
        """The server and its workers; those that seal come and go, and are not ours to count."""
        root = self._process.pid
        listed = subprocess.run(["pgrep", "-P", str(root)], capture_output=True, text=True).stdout
        workers = [int(line) for line in listed.split()]
        return [root, *(worker for worker in workers if not _seals(worker))]

    def _cpu(self) -> float:
        return sum(map(_cpu_of, self._processes()))


def _seals(process: int) -> bool:
    try:
        return b"store.seal" in Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return True


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])


def _milliseconds(label: str, wrk: str) -> float:
    found = re.search(rf"{label}\s+([\d.]+)(us|ms|s)\b", wrk)
    assert found, wrk
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def receipts(data: Path) -> int:
    """How many receipts the data directory holds."""
    with tempfile.TemporaryDirectory() as scratch:
        files = open_receipts(data, Path(scratch))
        ((count,),) = duckdb.execute(f"select count(*) from ({select_receipts(files)})").fetchall()
    return int(count)


def rows(database: Path) -> int:
    """How many rows SQLite holds."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("select count(*) from receipts").fetchone()[0])


def lines(file: Path) -> int:
    """How many lines a file has."""
    return file.read_bytes().count(b"\n")


def servers(folder: Path) -> list[Server]:
    """All that are compared, the measure of the ratios first."""

    def receiver(name: str, *options: str, cores: str = "0", **env: str) -> Server:
        data = folder / name
        command = ("-m", "dlr_analytics", "receive", "--port=0", "--admin-port=0")
        return Server(
            f"dlr receive, {name}",
            *(*command, f"--data={data}", *options),
            stored=lambda: receipts(data),
            cores=cores,
            **env,
        )

    sqlite, table = folder / "receipts.sqlite", folder / "receipts.csv"
    return [
        Server("empty RequestHandler", "-m", "tests.bench.empty_handler"),
        receiver("1 worker"),
        receiver("sealing without pause", DLR_SEAL_SECONDS="0.2"),
        receiver("2 workers on both cores", "--workers=2", cores="0,1"),
        Server(
            "FastAPI, SQLite FULL",
            *("-m", "tests.bench.fastapi_sqlite", str(sqlite)),
            stored=lambda: rows(sqlite),
        ),
        Server(
            "Flask, gunicorn, CSV and fsync",
            *("-m", "tests.bench.flask_csv", str(table)),
            stored=lambda: lines(table),
        ),
        Server("empty FastAPI", "-m", "tests.bench.empty_fastapi"),
    ]


def main(rounds: int = 5, seconds: float = 5) -> None:
    """Measure, check that what was answered is stored, print the table."""
    folder = Path(tempfile.mkdtemp())
    compared = servers(folder)
    for number in range(rounds + 1):
        for server in compared:
            server.measure(seconds if number else 1)
    memory = [server.peak_memory() for server in compared]
    for server in compared:
        server.stop()
    more = sum(server.check() for server in compared)
    answered = sum(run.answered for server in compared for run in server.runs)
    print(f"{answered:,} answered, all stored; {more:,} stored that wrk did not wait for\n")
    _print_table(compared, memory)
    shutil.rmtree(folder)


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
