"""What summaries of cached messages would save: ``python -m tests.bench.summaries DATA``.

Counts by day, network, country and sender answer the common questions exactly. ``DATA`` is a data
directory that ``dlr compact`` has gone through; nothing in it is changed. Each question is asked of
the cached messages and of a summary in a Parquet file, in turn, and the least CPU time counts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files, literal

CELL: Final = "cast(message_time as date) as day, network_code, country, sender"
CROSSED: Final = "ceil((latency_s + second(sent_at)) / 60.0)"
PHASE: Final = f"{CROSSED} as crossed, second(sent_at) + 60 * {CROSSED} - latency_s as phase"

SUMMARIES: Final = {
    "counts": f"select {CELL}, status, final, err_code, currency, count(*) as n,"
    " count(price) as priced, sum(price) as cost from cached group by all",
    "push latency": f"select {CELL}, push_latency_s, sent_at_source, count(*) as n,"
    " count(latency_s) as measured from cached group by all",
    "latency": f"select {CELL}, {PHASE}, count(*) as n from cached"
    " where latency_s is not null group by all",
}
"""What the statements of delivery-rate, cost and errors count, and the two halves of latency's."""

QUESTIONS: Final = {
    "counts": (
        "{by}, status, final, count(*), sum(price)",
        "{by}, status, final, sum(n), sum(cost)",
    ),
    "push latency": (
        "{by}, push_latency_s, count(*), count(latency_s)",
        "{by}, push_latency_s, sum(n), sum(measured)",
    ),
    "latency": (
        f"{{by}}, {PHASE}, count(*)",
        "{by}, crossed, phase, sum(n)",
    ),
}
"""The same of messages and of a summary."""

COLUMNS: Final = {
    "network_code": "network_code",
    "country": "country",
    "sender": "sender",
    "day": "cast(message_time as date)",
}


def least(connection: duckdb.DuckDBPyConnection, statement: str, rounds: int = 3) -> float:
    """Seconds of CPU of the cheapest round."""
    costs = []
    for _ in range(rounds):
        started = time.process_time()
        connection.execute(statement).fetchall()
        costs.append(time.process_time() - started)
    return min(costs)


def measure(data: Path) -> None:
    """Print a line for each summary."""
    files = sorted(layout.messages(data).rglob("*.parquet"))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, duckdb.connect() as connection:
        connection.execute(f"create view cached as from {from_files(files)}")
        (messages,) = connection.execute("select count(*) from cached").fetchall()
        print(f"{messages[0]:,} messages\n")
        print("| summary | rows | MB | s to make | s of messages | s of it | share |")
        print("|---|--:|--:|--:|--:|--:|--:|")
        for name, made in SUMMARIES.items():
            file = Path(folder) / f"{name}.parquet"
            making = least(connection, f"copy ({made}) to {literal(str(file))}", rounds=1)
            of_messages, of_summary = QUESTIONS[name]
            rows = "cached where latency_s is not null" if name == "latency" else "cached"
            whole = sum(
                least(connection, f"select {of_messages.format(by=by)} from {rows} group by all")
                for by in COLUMNS.values()
            )
            summed = sum(
                least(
                    connection,
                    f"select {of_summary.format(by=by)} from {from_files([file])} group by all",
                )
                for by in COLUMNS
            )
            (count,) = connection.execute(f"select count(*) from {from_files([file])}").fetchall()
            print(
                f"| {name} | {count[0]:,} | {file.stat().st_size / 1e6:.1f} | {making:.2f}"
                f" | {whole:.2f} | {summed:.2f} | {summed / whole:.2f} |"
            )


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
