"""What it takes to start: ``python -m tests.bench.startup [ROUNDS]``.

Each command in turn, several rounds over, beside a Python that does nothing; medians.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tests.bench.measuring import Cost, median

SAMPLE: Final = Path(__file__).parents[2] / "data" / "sample"
DLR: Final = ("-m", "dlr_analytics")
COMMANDS: Final = {
    "python -c pass": (None, ("-c", "pass")),
    "dlr --help": (0.15, (*DLR, "--help")),
    "import dlr_analytics": (0.3, ("-c", "import dlr_analytics")),
    "dlr query delivery-rate": (0.6, (*DLR, "query", "delivery-rate", "--data", str(SAMPLE))),
}
"""By name: the aim in seconds, and the arguments of Python."""


def started(arguments: tuple[str, ...]) -> Cost:
    """What a run of Python costs, from before it starts until it has ended."""
    before = time.perf_counter()
    running = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, arguments
    return Cost(time.perf_counter() - before, used.ru_utime + used.ru_stime, 0)


def main(rounds: int = 15) -> None:
    """Measure, and print the table."""
    costs: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, (_, arguments) in COMMANDS.items():
            costs[name].append(started(arguments))
    print("|  | s | CPU s | aim s |\n|---|--:|--:|--:|")
    for name, (aim, _) in COMMANDS.items():
        cost = median(costs[name])
        print(f"| {name} | {cost.seconds:.3f} | {cost.cpu:.3f} | {aim or ''} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
