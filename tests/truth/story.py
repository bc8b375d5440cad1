"""One story of docs/truth.md: the figures that its text names, and its chart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from dlr_analytics.analysis.database import Database

Figures = dict[str, str]


@dataclass(frozen=True)
class Story:
    """Its figures by the names in the text, and its chart as SVG."""

    figures: Figures
    chart: str


def rows(database: Database, text: str) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    return database.sql(text).rows()


def day(at: dt.datetime) -> float:
    """Days since the sample's first."""
    return (at - dt.datetime(2026, 10, 20)) / dt.timedelta(days=1)


MONDAYS: Final = [
    (day(dt.datetime(2026, 10, 26)), "26 Oct"),
    *((day(dt.datetime(2026, 11, at)), f"{at} Nov") for at in (2, 9, 16)),
]
"""Ticks of an axis of days."""
