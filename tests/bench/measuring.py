"""What a step costs, each time in a process of its own."""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

MOST_ROUNDS: Final = 5
LONG_ENOUGH: Final = 20.0
"""Seconds: no further round once the rounds so far took that long."""

LIMIT: Final = 12 * 2**30
"""Bytes that a step may take; what needs more has not survived."""

PATIENCE: Final = 3 * 3_600


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, seconds of CPU, and the most memory in MB."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do with what is made of a data directory beforehand: that is not counted."""

    run: Callable[[Any], object]
    imports: tuple[str, ...] = ("duckdb",)
    beforehand: Callable[[Path], object] = lambda data: data


def in_turn(module: str, names: list[str], data: Path) -> dict[str, Cost | None]:
    """Medians of the named steps of a module, one after the other in each of several rounds.

    None for a step that did not survive.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for _ in range(MOST_ROUNDS):
        for name in names:
            cost = once(module, name, data)
            if cost is not None:
                costs[name].append(cost)
        names = [name for name in names if 0 < sum(c.seconds for c in costs[name]) < LONG_ENOUGH]
    return {name: median(some) if some else None for name, some in costs.items()}


def print_costs(costs: Mapping[str, Cost | None], heading: str = "") -> None:
    """Print a table with a row for each step; each must have run."""
    print(f"| {heading} | s | CPU s | MB |\n|---|--:|--:|--:|")
    for name, cost in costs.items():
        assert cost
        print(f"| {name} | {cost.seconds:.2f} | {cost.cpu:.2f} | {cost.megabytes:,.0f} |")


def median(costs: list[Cost]) -> Cost:
    """Each measure's own median."""
    return Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True)))


def once(module: str, name: str, data: Path) -> Cost | None:
    """What a step costs this time; None where it did not survive."""
    command = [sys.executable, "-m", module, name, str(data)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        print(f"{name}: {(done.stderr.splitlines() or ['killed'])[-1]}", file=sys.stderr)
        return None
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def main(steps: Mapping[str, Step]) -> None:
    """Run the step that the command line names, and print what it cost."""
    name, data = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    for module in steps[name].imports:
        importlib.import_module(module)
    made = steps[name].beforehand(Path(data))
    started, cpu = time.perf_counter(), time.process_time()
    steps[name].run(made)
    costs = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps([*costs, _peak()]))


def _peak() -> float:
    """MB. Not from getrusage: its peak begins with that of the parent process."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000
