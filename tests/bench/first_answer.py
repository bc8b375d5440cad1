"""What the first answer takes: ``python -m tests.bench.first_answer [MILLIONS] [DAYS …]``.

So many million messages of each number of days (30 and 366), cached up to the last day, which is
under way, then up to its last hour, as ``dlr compact --open-day`` leaves it; and the delivery rate
by day of all and of one day, each in a process of its own that imports the package beforehand. With
``--a-month`` there are so many million messages every 30 days. With ``--made`` what was made stays
in that folder, for the next run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.parquet.write import write_parquet
from tests.bench.analysis import linked, made
from tests.bench.making import ENDS, LAST_DAY, Size
from tests.bench.measuring import Step, in_turn, main, once
from tests.bench.steps import OURS

MODULE: Final = "tests.bench.first_answer"
DAYS: Final = [30, 366]
LAST_HOUR: Final = ENDS - dt.timedelta(hours=1)
ONE_DAY: Final = LAST_DAY - dt.timedelta(days=10)


def keep_open_day(data: Path) -> None:
    """What ``dlr compact --open-day`` caches."""
    from dlr_analytics.analysis.cache import refresh
    from dlr_analytics.settings import Settings

    settings = Settings(data=data)
    batches = refresh.plan_batches(settings, [LAST_DAY])
    assert all(not batch.finding for batch in refresh.cache_batches(settings, batches))


def ask(data: Path) -> object:
    """The delivery rate by day."""
    import dlr_analytics as dlr

    return dlr.open(data, "2GiB").delivery_rate(by="day").rows()


def ask_of_one_day(data: Path) -> object:
    """That of a day ten days ago."""
    import dlr_analytics as dlr

    until = ONE_DAY + dt.timedelta(days=1)
    return dlr.open(data, "2GiB").delivery_rate(by="day", since=ONE_DAY, until=until).rows()


STEPS: Final = {
    "keep open day": Step(keep_open_day, ("dlr_analytics.analysis.cache.refresh",)),
    "all": Step(ask, OURS),
    "one day": Step(ask_of_one_day, OURS),
}


def measure(data: Path, days: int) -> None:
    """Print the rows of one data directory, whose closed days are cached."""
    show(data, days, "the day before")
    last_hour = apart(data)
    cost = once(MODULE, "keep open day", data)
    last_hour.rename(layout.receipts(data) / layout.day_folder(LAST_DAY) / last_hour.name)
    show(data, days, "the hour before")
    assert cost
    print(f"| {days} | | caching the day under way | {cost.seconds:.2f} | {cost.cpu:.2f} |")


def apart(data: Path) -> Path:
    """Take the receipts of the last hour out of the last file, into one beside the folders."""
    last = max((layout.receipts(data) / layout.day_folder(LAST_DAY)).iterdir())
    hour, rest = data / "last-hour.parquet", data / "rest.parquet"
    with duckdb.connect() as connection:
        for file, which in ((hour, ">="), (rest, "<")):
            receipts = f"from read_parquet('{last}') where received_at {which} '{LAST_HOUR}'"
            write_parquet(connection, f"{receipts} order by received_at", file)
    rest.replace(last)
    return hour


def show(data: Path, days: int, until: str) -> None:
    """Print a row for each question."""
    for asked, cost in in_turn(MODULE, ["all", "one day"], data).items():
        assert cost
        print(f"| {days} | {until} | {asked} | {cost.seconds:.2f} | {cost.cpu:.2f} |", flush=True)


def run(arguments: list[str] | None = None) -> None:
    """Make the data, cache it, print the table."""
    parser = argparse.ArgumentParser(prog=MODULE)
    parser.add_argument("millions", type=float, nargs="?", default=1.0)
    parser.add_argument("days", type=int, nargs="*", default=DAYS)
    parser.add_argument("--a-month", action="store_true")
    parser.add_argument("--made", type=Path)
    asked = parser.parse_args(arguments)
    if asked.made:
        asked.made.mkdir(parents=True, exist_ok=True)
    print("| days | cached up to | question | s | CPU s |\n|--:|---|---|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.made) as folder:
        for days in asked.days:
            months = days / 30 if asked.a_month else 1
            size = Size(round(asked.millions * months * 1_000_000), days)
            work = Path(folder) / f"work-{days}"
            linked(made(asked.made or Path(folder), size), work)
            for name in ("ours compact", "ours keep"):
                assert once("tests.bench.steps", name, work)
            measure(work, days)


if __name__ == "__main__":
    import sys

    if len(sys.argv) == 3 and sys.argv[1] in STEPS:
        main(STEPS)
    else:
        run()
