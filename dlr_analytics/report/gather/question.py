"""What the whole report asks about, said once and asked of every metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dlr_analytics.analyse.asking import Asking
from dlr_analytics.analyse.database import Database
from dlr_analytics.analyse.query import load
from dlr_analytics.analyse.result import Result

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A database and a period; times are naive UTC, ``until`` is not included.

    Sections ask for what they need; what two of them need is asked once.
    """

    database: Database
    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    tz: str
    _answers: dict[tuple[str, ...], list[Row]] = field(default_factory=dict, repr=False)

    def ask(self, metric: str, *by: str) -> list[Row]:
        """The rows of a metric, each by column name."""
        key = (metric, *by)
        if key not in self._answers:
            self._answers[key] = rows(self.result(metric, *by))
        return self._answers[key]

    def result(self, metric: str, *by: str) -> Result:
        """The answer itself, with what it knows of the whole."""
        asking = Asking(by=by, since=self.since, until=self.until, as_of=self.as_of, tz=self.tz)
        return self.database.answer(load(metric), asking)


def rows(result: Result) -> list[Row]:
    """The rows of a result, each by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
