"""Ten thousand sealed files before the first ``dlr compact``: ``python -m tests.bench.many_files``.

One file for each minute, as a receiver seals them; then what opening the data directory
and its delivery rate cost, beside the same receipts in one file a day, and the bare statements.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days, compact
from dlr_analytics.store.sql import from_parquet, to_parquet
from dlr_analytics.webhook.receipt import COLUMNS
from tests.bench.making import LAST_DAY, Size, make
from tests.bench.measuring import Step, in_turn, main, print_costs
from tests.bench.steps import OURS

FILES: Final = 10_000
DAYS: Final = 8
MINUTE: Final = dt.timedelta(minutes=1)


def scatter(made: Path, data: Path) -> int:
    """The receipts that were made, in a file for each minute; how many files."""
    columns = ", ".join(COLUMNS)
    sealed = sorted(layout.receipts(made).rglob("*.parquet"))
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute(
            f"create table receipt as select {columns} from {from_parquet(sealed)}"
            " order by received_at"
        )
        rows = connection.execute("select distinct date_trunc('minute', received_at) from receipt")
        minutes = sorted(minute for (minute,) in rows.fetchall())[-FILES:]
        for minute in minutes:
            folder = layout.receipts(data) / layout.day_folder(minute.date())
            folder.mkdir(parents=True, exist_ok=True)
            query = (
                f"from receipt where received_at >= timestamp '{minute}'"
                f" and received_at < timestamp '{minute + MINUTE}'"
            )
            connection.execute(to_parquet(query, folder / f"made-{minute:%Y%m%d%H%M}.parquet"))
    return len(minutes)


def rate(data: Path) -> list[tuple[object, ...]]:
    """The delivery rate, from opening the data directory on."""
    import dlr_analytics as dlr

    return dlr.open(data).delivery_rate().rows()


def read(data: Path) -> object:
    """What anybody does: messages by status, from all files."""
    with duckdb.connect() as connection:
        return connection.execute(
            "select status, count(distinct message_id) from read_parquet($1) group by status",
            [f"{layout.receipts(data)}/*/*.parquet"],
        ).fetchall()


STEPS: Final = {
    "scattered": Step(lambda data: rate(data / "scattered"), OURS),
    "merged": Step(lambda data: rate(data / "merged"), OURS),
    "bare, scattered": Step(lambda data: read(data / "scattered")),
    "bare, merged": Step(lambda data: read(data / "merged")),
}


def measure(messages: int = 80_000) -> None:
    """Make the data, check that the answer is the same, print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder)
        make(data / "made", Size(messages, DAYS))
        files = scatter(data / "made", data / "scattered")
        scatter(data / "made", data / "merged")
        days = closed_days(data / "merged", LAST_DAY + dt.timedelta(days=1))
        assert all(not day.finding for day in compact(data / "merged", days))
        assert rate(data / "scattered") == rate(data / "merged")
        print(f"{files:,} files of a minute each, {messages:,} messages\n")
        print_costs(in_turn("tests.bench.many_files", list(STEPS), data), "files")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        main(STEPS)
    else:
        measure(*map(int, sys.argv[1:]))
