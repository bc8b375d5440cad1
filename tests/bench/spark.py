"""Spark beside DuckDB on the same cached messages: ``python -m tests.bench.spark [MILLIONS]``.

So many million messages of 30 days, compacted and cached. Each question is asked of both, one after
the other in this process; Spark runs on ``local[2]``. CPU seconds of Spark are those of the JVM and
of this process. Every cell is compared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dlr_analytics
from dlr_analytics import spark as dlr_spark
from dlr_analytics.analysis.filters import Parameters
from tests.bench.analysis import linked, made
from tests.bench.making import Size
from tests.bench.measuring import once
from tests.support.spark_cells import differing, session

METRICS: Final = ("delivery-rate", "latency", "cost")


@dataclass(slots=True)
class Clock:
    """Seconds of this process, and of a JVM where there is one."""

    jvm: int | None = None
    spent: list[str] = field(default_factory=list)

    def measure(self, work: Callable[[], Any]) -> Any:
        """Do something, and note the seconds of CPU and on the clock."""
        began, cpu = time.perf_counter(), self._cpu()
        done = work()
        self.spent = [f"{self._cpu() - cpu:.2f}", f"{time.perf_counter() - began:.2f}"]
        return done

    def _cpu(self) -> float:
        return time.process_time() + (0.0 if self.jvm is None else _cpu_of(self.jvm))


def _cpu_of(process: int) -> float:
    """Seconds of CPU that another process has used, in user and in system mode."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(data: Path) -> None:
    """Print a row for opening, and one for each question."""
    print("| by network | cells | differ | DuckDB CPU s | s | Spark CPU s | s |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    began = time.perf_counter()
    spark = session("local[2]")
    started = time.perf_counter() - began
    duckdb, on_spark = Clock(), Clock(spark.sparkContext._gateway.proc.pid)
    here = duckdb.measure(lambda: _opened(data))
    there = on_spark.measure(lambda: dlr_spark.open(data, spark))
    print(f"| open |  |  | {' | '.join(duckdb.spent + on_spark.spent)} |", flush=True)
    asked: Parameters = {"by": "network_code", "as_of": there.as_of.replace(tzinfo=dt.UTC)}
    for metric in (*METRICS, METRICS[0]):
        expected = duckdb.measure(lambda: here.ask(metric, asked))  # noqa: B023 - called at once
        found = on_spark.measure(lambda: there.ask(metric, asked))  # noqa: B023
        cells, different = differing(expected, found)
        row = [metric, f"{cells:,}", str(len(different)), *duckdb.spent, *on_spark.spent]
        print(f"| {' | '.join(row)} |", flush=True)
    print(f"\nStarting Spark took {started:.1f} s more.")
    spark.stop()


def _opened(data: Path) -> dlr_analytics.Database:
    """A database whose messages are ready, as Spark's are once it is open."""
    database = dlr_analytics.open(data)
    len(database.messages)
    return database


def main(arguments: list[str] | None = None) -> None:
    """Make the data, compact and cache it, ask."""
    parser = argparse.ArgumentParser(prog="tests.bench.spark")
    parser.add_argument("millions", type=float, nargs="?", default=1.0)
    parser.add_argument("--made", help="a folder in which data that was made is looked for")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        size = Size(round(asked.millions * 1_000_000), 30)
        data = Path(folder) / "data"
        linked(made(Path(asked.made or folder), size), data)
        for name in ("ours compact", "ours keep"):
            assert once("tests.bench.steps", name, data)
        measure(data)
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
