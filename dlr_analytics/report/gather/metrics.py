"""The metrics of one period, each computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.dimensions import By
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.result import Result
from dlr_analytics.report.request import Request

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PeriodMetrics:
    """The metrics of a database over a period.

    Times are naive UTC, ``until`` is not included; all else that selects messages is in ``asked``.
    ``networks`` has country and name of each network code, as columns of a row. Rows that several
    sections need are computed once.
    """

    database: Database
    since: datetime | None
    until: datetime | None
    asked: Request
    networks: Mapping[str | None, Row] = field(default_factory=dict, repr=False)
    _answers: dict[tuple[str, ...], list[Row]] = field(default_factory=dict, repr=False)

    @property
    def tz(self) -> str:
        """The time zone of days."""
        return self.asked.tz

    def rows(self, metric: str, *by: str) -> list[Row]:
        """Return the rows of a metric, each as a dictionary by column name."""
        key = (metric, *by)
        if key not in self._answers:
            self._answers[key] = _dicts(self.result(metric, *by))
        return self._answers[key]

    def rows_by_network(self, metric: str) -> list[Row]:
        """Return the rows of a metric by network code, with country and name.

        These depend on the code alone, and ``day_counts`` has them: grouping all messages by three
        columns instead of one takes half as long again.
        """
        rows = self.rows(metric, "network_code")
        return [{**row, **self.networks[row["network_code"]]} for row in rows]

    def result(self, metric: str, *by: str) -> Result:
        """Return the result of a metric over the period."""
        parameters = parameters_of(self.asked, self.since, self.until, by)
        if metric in QUESTIONS:
            return self.database.ask(metric, parameters)
        return self.database.answer(load(metric), parameters)


def parameters_of(
    asked: Request, since: datetime | None, until: datetime | None, by: By = ()
) -> Parameters:
    """Return the parameters of a question over a period, naive UTC."""
    since, until, as_of = map(_with_zone, (since, until, asked.as_of))
    parameters = Parameters(by=by, since=since, until=until, as_of=as_of, tz=asked.tz)
    return parameters | Parameters(where=asked.where, unit=asked.unit, channel=asked.channel)


def _with_zone(moment: datetime | None) -> datetime | None:
    """Attach UTC to a naive time, which would else be read as a time in ``tz``."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _dicts(result: Result) -> list[Row]:
    """The rows of a result, each by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
