"""A click in the explorer: ``python -m tests.bench.explorer [MILLIONS] [--made FOLDER]``.

Makes and compacts so many million messages as :mod:`.analysis` does, opens an explorer over them,
and takes the medians of opening a whole view, of selecting, brushing and lifting. The baseline of a
step asks the verb for all that the view shows: a headline, two courses and a list for each
dimension. The aims are 0.5 s at a million messages and 1 s at 24 million.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.analysis import linked, made
from tests.bench.making import Size
from tests.bench.steps import compact, keep

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.notebook.explorer.widget import Explorer

ROUNDS = 5
NETWORK, SENDER = "26202", "AcmeInc"
PERIOD = ("2026-11-10", "2026-11-13")


def measured(step: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Medians of the seconds on the clock and of CPU."""
    costs = []
    for _ in range(rounds):
        clock, cpu = time.perf_counter(), time.process_time()
        step()
        costs.append((time.perf_counter() - clock, time.process_time() - cpu))
    return statistics.median(c[0] for c in costs), statistics.median(c[1] for c in costs)


def row(name: str, ours: tuple[float, float], baseline: tuple[float, float] | None = None) -> str:
    """A line of the table."""
    cells = [f"{one:.2f}" for one in (*ours, *(baseline or ()))]
    return f"| {name} | {' | '.join([*cells, '', ''][:4])} |"


def asked(db: Database, x: Explorer) -> None:
    """The figures of a view from the verb: the same filter, a call for each part."""
    parameters = x._exploration._call()
    for by in (None, "day", "day", *x._exploration.dimensions):
        db.delivery_rate(**parameters | {"by": by}).rows()


def run(data: Path, size: Size) -> None:
    """Print the table, a line as soon as it is known."""
    import dlr_analytics as dlr

    db = dlr.open(data)
    db.delivery_rate().rows()
    db.delivery_rate(where="true").rows()
    begun = time.perf_counter(), time.process_time()
    x = db.explore()
    opened = time.perf_counter() - begun[0], time.process_time() - begun[1]
    fold = x._exploration._fold()
    ((rows,),) = fold.connection.sql("select count(*) from messages").fetchall()
    print(f"\n{size.messages:,} messages of {size.days} days, folded to {rows:,} rows\n")
    print("| step | s | CPU s | verbs s | CPU s |\n|---|--:|--:|--:|--:|")
    print(row("open", opened), flush=True)
    steps: dict[str, Callable[[], None]] = {
        "everything": x.clear,
        "select a network": lambda: x.select(network_code=NETWORK),
        "and a sender": lambda: x.select(sender=SENDER),
        "and three days": lambda: x.brush(*PERIOD),
        "the network alone, three days": lambda: x.select(sender=[]),
    }
    for name, step in steps.items():
        step()
        print(row(name, measured(x._draw), measured(lambda: asked(db, x), 1)), flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Make the data, and print the table as it grows."""
    parser = argparse.ArgumentParser(prog="tests.bench.explorer")
    parser.add_argument("millions", type=float, nargs="?", default=1.0)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--made", type=Path)
    given = parser.parse_args(arguments)
    if given.made:
        given.made.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.made) as folder:
        size = Size(round(given.millions * 1_000_000), given.days)
        work = Path(folder) / "work"
        linked(made(given.made or Path(folder), size), work)
        compact(work)
        keep(work)
        run(work, size)


if __name__ == "__main__":
    main()
