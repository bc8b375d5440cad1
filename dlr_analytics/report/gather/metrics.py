"""The metrics of one period, each computed once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.result import Result
from dlr_analytics.report.request import Request

Row = dict[str, Any]

BY_NETWORK: Final = ("country", "network_code", "network")


@dataclass(frozen=True, slots=True)
class PeriodMetrics:
    """The metrics of a database over a period.

    Times are naive UTC, ``until`` is not included; all else that selects messages is in ``asked``.
    Rows that several sections need are computed once.
    """

    database: Database
    since: datetime | None
    until: datetime | None
    asked: Request
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
        """Return the rows of a metric by the columns of ``BY_NETWORK``.

        Country and name depend on the code alone, and ``delivery-rate`` has them: grouping all
        messages by three columns instead of one takes half as long again.
        """
        named = {
            row["network_code"]: {name: row[name] for name in BY_NETWORK}
            for row in self.rows("delivery-rate", *BY_NETWORK)
        }
        return [{**row, **named[row["network_code"]]} for row in self.rows(metric, "network_code")]

    def result(self, metric: str, *by: str) -> Result:
        """Return the result of a metric over the period."""
        asked = self.asked
        since, until, as_of = map(_with_zone, (self.since, self.until, asked.as_of))
        parameters = Parameters(by=by, since=since, until=until, as_of=as_of, tz=asked.tz)
        parameters |= {"where": asked.where, "unit": asked.unit, "channel": asked.channel}
        if metric in METRICS:
            return self.database.ask(metric, parameters)
        return self.database.answer(load(metric), parameters)


def _with_zone(moment: datetime | None) -> datetime | None:
    """Attach UTC to a naive time, which would else be read as a time in ``tz``."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _dicts(result: Result) -> list[Row]:
    """The rows of a result, each by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
