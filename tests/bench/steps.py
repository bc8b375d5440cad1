"""The steps by name, ours and those of alternatives: ``python -m tests.bench.steps NAME DATA``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import alternatives, floors
from tests.bench.making import LAST_DAY
from tests.bench.measuring import Step, main

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.filters import Parameters

METRICS: Final = ("delivery-rate", "latency", "cost", "errors", "quality", "coverage")
MEMORY: Final = "2GiB"
"""For questions and the report; ``dlr compact`` takes its usual 4 GiB."""

OURS: Final = ("dlr_analytics.analysis.database", "dlr_analytics.analysis.metrics")


def seal(data: Path) -> None:
    """What the receiver has a child process do."""
    from dlr_analytics.store.receipts import seal

    assert seal.main(data) == 0


def compact(data: Path) -> None:
    """The first half of ``dlr compact``: one file for each closed day."""
    from dlr_analytics.store.receipts import compact as store

    days = store.closed_days(data, LAST_DAY)
    assert all(not day.finding for day in store.compact(data, days))


def keep(data: Path) -> None:
    """The second half: cache the messages of closed days."""
    from dlr_analytics.analysis.cache import refresh
    from dlr_analytics.settings import Settings
    from dlr_analytics.store.receipts.compact import closed_days

    settings = Settings(data=data)
    batches = refresh.plan_batches(settings, closed_days(data, LAST_DAY))
    assert all(not batch.finding for batch in refresh.cache_batches(settings, batches))


def opened(data: Path) -> Database:
    """The data directory of the first query: with receipts newer than the cache."""
    import dlr_analytics as dlr

    database = dlr.open(data, MEMORY).pinned()
    database.messages.limit(1).fetchall()
    return database


def report(data: Path) -> None:
    """``dlr report``."""
    from dlr_analytics.cli.main import cli

    output = str(data.parent / "report.html")
    asked = ["report", "--data", str(data), "--memory", MEMORY, "-o", output]
    cli.main(asked, standalone_mode=False)


def asked(metric: str) -> dict[str, Step]:
    """The steps of a metric by name."""
    question: Parameters = {"by": "network_code"}
    return {f"ours {metric}": Step(lambda db: db.ask(metric, question).rows(), OURS, opened)}


STEPS: Final = {
    "ours seal": Step(seal, ("dlr_analytics.store.receipts.seal",)),
    "ours compact": Step(compact, ("dlr_analytics.store.receipts.compact",)),
    "ours keep": Step(keep, ("dlr_analytics.analysis.cache.refresh",)),
    "ours open": Step(opened, OURS),
    "ours report": Step(report, ("dlr_analytics.cli.main", *OURS)),
    **floors.STEPS,
    **{
        name: step
        for metric in METRICS
        for steps_of in (asked, floors.steps, alternatives.steps)
        for name, step in steps_of(metric).items()
    },
}

if __name__ == "__main__":
    main(STEPS)
