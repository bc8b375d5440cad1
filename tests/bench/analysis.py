"""What a question costs: ``python -m tests.bench.analysis [MILLIONS] [--days D] [--made FOLDER]``.

Makes so many million messages and what a receiver would have stored of them, then seals, compacts,
keeps, asks each metric by network and writes the report, each in a process of its own; in turn with
each its floor, and what one might write instead (:mod:`.floors`, :mod:`.alternatives`). With
``--made`` what was made stays in that folder, for the next run. ``--report`` measures only what the
report is compared with: opening, the metrics, and the report, in turn.

``23 --days 2`` makes the day of twenty million receipts: the last, under way, is shorter.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from dlr_analytics.store import layout
from tests.bench.journals import journal
from tests.bench.making import Size, make
from tests.bench.measuring import Cost, in_turn, once
from tests.bench.steps import METRICS
from tests.bench.table import HEADER, Row

STEPS = "tests.bench.steps"


def made(folder: Path, size: Size) -> Path:
    """The data of that size, made where it is not there yet."""
    data = folder / f"{size.messages}-{size.days}"
    if not data.exists():
        aside = folder / "making"
        shutil.rmtree(aside, ignore_errors=True)
        make(aside, size)
        aside.rename(data)
    return data


def linked(data: Path, work: Path) -> None:
    """The same files under other names: none of them ever changes, they only come and go."""
    shutil.copytree(data, work, copy_function=os.link)


def sealing(data: Path, work: Path) -> Row:
    """The row of sealing: one journal."""
    receipts = journal(data, work)
    return Row(f"seal {receipts:,} receipts", once(STEPS, "ours seal", work))


def compacting(work: Path) -> Iterator[Row]:
    """The rows of ``dlr compact``; each can be done once only."""
    for name in ("compact", "keep"):
        floor = once(STEPS, f"floor {name}", work)
        yield Row(name, once(STEPS, f"ours {name}", work), floor)


def asking(metric: str, work: Path) -> Row:
    """The row of a metric."""
    names = [f"{whose} {metric}" for whose in ("ours", "floor", "pandas", "polars")]
    return Row(metric, *in_turn(STEPS, names, work).values())


def reporting(work: Path, *, with_metrics: bool) -> Iterator[Row]:
    """The rows of opening, the metrics and the report, whose floor is the sum of these.

    The metrics are measured on an opened data directory; the report opens it itself.
    """
    names = [f"ours {name}" for name in ("open", *METRICS, "report")]
    costs = in_turn(STEPS, names, work)
    opened, *metrics = [costs[name] for name in names[:-1]]
    yield Row("open", opened)
    if with_metrics:
        yield from map(Row, METRICS, metrics)
    report = costs["ours report"]
    yield Row("report (beside the metrics)", report, _sum(metrics))
    yield Row("report (beside open and the metrics)", report, _sum([opened, *metrics]))


def _sum(costs: Sequence[Cost | None]) -> Cost:
    """Seconds are added up; memory is the most that one of them takes."""
    known = [one for one in costs if one is not None]
    return Cost(
        sum(one.seconds for one in known),
        sum(one.cpu for one in known),
        max((one.megabytes for one in known), default=0),
    )


def run(data: Path, folder: Path, wanted: Size, *, only_report: bool = False) -> None:
    """Print the table, a line as soon as it is known."""
    print(
        f"\n{wanted.messages:,} messages of {wanted.days} days, {came(data)}\n\n{HEADER}",
        flush=True,
    )
    work = folder / "work"
    linked(data, work)
    if only_report:
        for name in ("compact", "keep"):
            once(STEPS, f"ours {name}", work)
    else:
        print(sealing(data, folder / "sealed"), flush=True)
        for row in compacting(work):
            print(row, flush=True)
        for metric in METRICS:
            print(asking(metric, work), flush=True)
    for row in reporting(work, with_metrics=only_report):
        print(row, flush=True)
    print(f"\n{stays(data, work)}")


def came(data: Path) -> str:
    """How much came in."""
    with duckdb.connect() as connection:
        ((receipts, wire),) = connection.execute(
            "select count(*), sum(strlen(raw)) from read_parquet($1)",
            [f"{layout.receipts(data)}/*/*.parquet"],
        ).fetchall()
    return f"{receipts:,} receipts, {wire / receipts:.0f} bytes each on the wire"


def stays(data: Path, work: Path) -> str:
    """Bytes on disk of a receipt of a closed day and of a cached message."""
    closed = sorted(layout.receipts(work).iterdir())[:-1]
    sealed = [file for day in closed for file in (layout.receipts(data) / day.name).iterdir()]
    merged = [file for day in closed for file in day.iterdir()]
    cached = [file for file in layout.messages(work).rglob("*") if file.is_file()]
    receipts, messages = rows(merged), rows([file for file in cached if file.suffix == ".parquet"])
    each = [size(sealed) / receipts, size(merged) / receipts, size(cached) / messages]
    return "on the disk {:.1f} bytes a receipt as sealed, {:.1f} merged; {:.1f} a message".format(
        *each
    )


def rows(files: list[Path]) -> int:
    """Rows of Parquet files together."""
    with duckdb.connect() as connection:
        ((count,),) = connection.execute(
            "select count(*) from read_parquet($1)", [[str(file) for file in files]]
        ).fetchall()
    return int(count)


def size(files: list[Path]) -> int:
    """Bytes of files together."""
    return sum(file.stat().st_size for file in files)


def main(arguments: list[str] | None = None) -> None:
    """Make the data, run each step, print the table as it grows."""
    parser = argparse.ArgumentParser(prog="tests.bench.analysis")
    parser.add_argument("millions", type=float, nargs="?", default=1.0)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--made", type=Path)
    parser.add_argument("--report", action="store_true")
    asked = parser.parse_args(arguments)
    if asked.made:
        asked.made.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.made) as folder:
        wanted = Size(round(asked.millions * 1_000_000), asked.days)
        data = made(asked.made or Path(folder), wanted)
        run(data, Path(folder), wanted, only_report=asked.report)


if __name__ == "__main__":
    main()
