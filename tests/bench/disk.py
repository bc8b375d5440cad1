"""Disk space of a million receipts: ``python -m tests.bench.disk [MESSAGES] [--days D]``.

Makes the receipts of so many messages, and prints what a million receipts take at each stage: in a
journal, sealed, merged by ``dlr compact``, and in the cache of their messages; beside it what send
times take. ``dlr compact`` needs room for the largest day and the cache once more while it runs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from tests.bench.analysis import came, rows, size
from tests.bench.journals import journal
from tests.bench.making import Size, make
from tests.bench.measuring import once

STEPS: Final = "tests.bench.steps"


def files(folder: Path) -> list[Path]:
    """The files in a folder and below it."""
    return [path for path in folder.rglob("*") if path.is_file()]


def megabytes(data: Path, aside: Path) -> dict[str, float]:
    """MB on disk of a million receipts, by stage; compacts the data."""
    receipts = rows(files(layout.receipts(data)))
    sealed = size(files(layout.receipts(data)))
    journaled = journal(data, aside)
    found = {
        "journal": size(files(layout.journal(aside))) / journaled,
        "sealed": sealed / receipts,
        "send times": size(files(layout.sends(data))) / receipts,
    }
    for step in ("compact", "keep"):
        once(STEPS, f"ours {step}", data)
    found["merged"] = size(files(layout.receipts(data))) / receipts
    found["cached messages"] = size(files(layout.messages(data))) / receipts
    return found


def main(arguments: list[str] | None = None) -> None:
    """Make the data and print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench.disk")
    parser.add_argument("messages", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder) / "data"
        make(data, Size(asked.messages, asked.days))
        print(f"{asked.messages:,} messages of {asked.days} days, {came(data)}\n")
        print("| a million receipts | MB |\n|---|--:|")
        for stage, figure in megabytes(data, Path(folder) / "aside").items():
            print(f"| {stage} | {figure:.0f} |")


if __name__ == "__main__":
    main()
