"""Answers of both engines, cell by cell: ``python -m tests.support.spark_cells MASTER DATA``."""

from __future__ import annotations

import datetime as dt
import math
import os
import sys
from pathlib import Path
from typing import Any

import dlr_analytics
from dlr_analytics import spark as dlr_spark
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.analysis.result import Result

ASKED: dict[str, Parameters] = {
    "all": {},
    "networks": {"by": "network_code", "until": "2026-11-20T12:00"},
    "London": {
        "by": ["country", "day", {"first": "lower(left(sender, 1))"}],
        "tz": "Europe/London",
        "where": "price > 0.02 and country in ('GB', 'DE', 'FR')",
    },
    "sms": {"by": ["week", "weekday"], "unit": "sms", "since": "14d", "channel": "all"},
}
"""Parameters of questions, by what they are about."""


def session(master: str) -> Any:
    """A user's session, with another time zone and without ANSI SQL."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "Asia/Kolkata",
        "spark.sql.ansi.enabled": "false",
    }
    made = SparkSession.builder.master(master).config(map=settings).getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def differing(here: Result, there: Result) -> tuple[int, list[tuple[Any, Any]]]:
    """The number of cells, and those that differ; doubles may in the last bits (1e-12)."""
    assert here.columns == there.columns
    assert here.types == there.types
    rows, others = here.rows(), there.rows()
    assert len(rows) == len(others)
    pairs = [pair for both in zip(rows, others, strict=True) for pair in zip(*both, strict=True)]
    return len(pairs), [pair for pair in pairs if not _same(*pair)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return bool(one == other)


def main(master: str, data: Path) -> None:
    """Ask for every metric; print the cells, and how many differ."""
    here, there = dlr_analytics.open(data), dlr_spark.open(data, session(master))
    total, wrong = 0, 0
    for metric in METRICS:
        asked: Parameters = {"by": "network_code", "as_of": there.as_of.replace(tzinfo=dt.UTC)}
        cells, different = differing(here.ask(metric, asked), there.ask(metric, asked))
        total, wrong = total + cells, wrong + len(different)
    print("cells", total, "differing", wrong)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
