"""What checksums cost in ``dlr compact``: ``python -m tests.bench.sums [MILLIONS]``.

Each step once as it is, once with the check replaced by nothing, and once as the check of its files
alone, in a copy of its own: merging the files of closed days, caching their messages, and deriving
those of every day again from the cache, after a send record for each day has come.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.parquet import checksum
from dlr_analytics.store.sends import Send, record_sends
from tests.bench.making import LAST_DAY, Size, make
from tests.bench.measuring import Step, in_turn, main
from tests.bench.steps import OURS, compact, keep

DAYS: Final = 30
IMPORTS: Final = (*OURS, "dlr_analytics.analysis.cache.refresh")


def _copy_of(stage: str) -> Callable[[Path], Path]:
    def copy(data: Path) -> Path:
        shutil.rmtree(data / "copy", ignore_errors=True)
        return Path(shutil.copytree(data / stage, data / "copy"))

    return copy


def _unchecked(step: Callable[[Path], None]) -> Callable[[Path], None]:
    def run(data: Path) -> None:
        checksum.check_sum = lambda path, files=None: True
        step(data)

    return run


def _check_alone(*folders: Callable[[Path], Path]) -> Callable[[Path], None]:
    def run(data: Path) -> None:
        checksum.check_sums(path for one in folders for path in one(data).rglob("*.parquet"))

    return run


STAGES: Final = {"merge": compact, "cache": keep, "derive again": keep}
ALONE: Final = {
    "merge": _check_alone(layout.receipts),
    "cache": _check_alone(layout.sends),
    "derive again": _check_alone(layout.sends, layout.messages),
}
STEPS: Final = {
    f"{stage}, alone": Step(step, IMPORTS, _copy_of(stage)) for stage, step in ALONE.items()
} | {
    f"{stage}{suffix}": Step(kind(step), IMPORTS, _copy_of(stage))
    for stage, step in STAGES.items()
    for suffix, kind in (("", lambda step: step), (", unchecked", _unchecked))
}


def _make(data: Path, messages: int) -> None:
    """The data directory before each stage."""
    make(data / "merge", Size(messages, DAYS))
    for before, after in zip(STAGES, list(STAGES)[1:], strict=False):
        shutil.copytree(data / before, data / after)
        STAGES[before](data / after)
    days = (LAST_DAY - dt.timedelta(days=n) for n in range(1, DAYS))
    noon = dt.time(12)
    record_sends(
        data / "derive again",
        [Send(f"ADDED{day:%Y%m%d}", dt.datetime.combine(day, noon)) for day in days],
    )


def measure(millions: float = 0.64) -> None:
    """Make the data and print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder)
        _make(data, round(millions * 1_000_000))
        costs = in_turn("tests.bench.sums", list(STEPS), data)
        print("| | CPU s | unchecked | the check alone |\n|---|--:|--:|--:|")
        for stage in STAGES:
            found = [costs[f"{stage}{how}"] for how in ("", ", unchecked", ", alone")]
            figures = " | ".join(f"{cost.cpu:.2f}" for cost in found if cost)
            print(f"| {stage} | {figures} |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        main(STEPS)
    else:
        measure(*map(float, sys.argv[1:]))
