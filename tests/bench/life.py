"""What prune and forget take: ``python -m tests.bench.life [MESSAGES]``.

Of a compacted and cached data directory, each in a copy of its own and a process of its own, next
to what reading it takes: ``dlr verify``. CPU seconds and memory, children included.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from dlr_analytics.store import layout
from tests.bench.making import LAST_DAY, Size, make

MESSAGES = 640_000
"""With a million receipts."""


def cost(*arguments: str | Path) -> tuple[float, float]:
    """CPU seconds of a command, and the most memory in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dlr_analytics", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def numbers(data: Path, count: int) -> list[str]:
    """Recipients of single messages."""
    query = (
        "select msisdn from read_parquet($1) where msisdn ~ '[1-9][0-9]{8,14}'"
        " group by 1 order by hash(msisdn) limit $2"
    )
    files = str(layout.receipts(data) / "*" / "*.parquet")
    with duckdb.connect() as connection:
        return [text for (text,) in connection.execute(query, [files, count]).fetchall()]


def measure(made: Path, folder: Path) -> None:
    """Print the table; ``made`` stays as it is."""
    middle = LAST_DAY - dt.timedelta(days=Size(MESSAGES).days // 2)
    commands: dict[str, tuple[str, ...]] = {
        "`dlr verify`": ("verify",),
        "forget a number": ("forget", *numbers(made, 1), "--yes"),
        "forget 100 numbers": ("forget", *numbers(made, 100), "--yes"),
        "prune half": ("prune", "--before", str(middle), "--yes"),
    }
    print("| | CPU s | times verify | MB |\n|---|--:|--:|--:|")
    base = 0.0
    for name, command in commands.items():
        copy = Path(shutil.copytree(made, folder / "copy"))
        cpu, megabytes = cost(*command, "--data", copy)
        base = base or cpu
        print(f"| {name} | {cpu:.1f} | {cpu / base:.1f} | {megabytes:.0f} |", flush=True)
        shutil.rmtree(copy)


def main(messages: int = MESSAGES) -> None:
    """Make a data directory, compact it, measure."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        make(made, Size(messages))
        cost("compact", "--data", made)
        measure(made, Path(folder))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
