"""What the whole report asks about, said once and asked of every metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.result import Result

Row = dict[str, Any]

BY_NETWORK: Final = ("country", "network_code", "network")


@dataclass(frozen=True, slots=True)
class PeriodMetrics:
    """A database and a period; times are naive UTC, ``until`` is not included.

    Sections ask for what they need; what two of them need is asked once.
    """

    database: Database
    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    tz: str
    _answers: dict[tuple[str, ...], list[Row]] = field(default_factory=dict, repr=False)

    def rows(self, metric: str, *by: str) -> list[Row]:
        """The rows of a metric, each by column name."""
        key = (metric, *by)
        if key not in self._answers:
            self._answers[key] = _dicts(self.result(metric, *by))
        return self._answers[key]

    def rows_by_network(self, metric: str) -> list[Row]:
        """The rows of a metric by the columns of ``BY_NETWORK``.

        A code has one country and one name, which ``delivery-rate`` tells: to group all messages by
        three columns where one will do takes half as long again.
        """
        named = {
            row["network_code"]: {name: row[name] for name in BY_NETWORK}
            for row in self.rows("delivery-rate", *BY_NETWORK)
        }
        return [{**row, **named[row["network_code"]]} for row in self.rows(metric, "network_code")]

    def result(self, metric: str, *by: str) -> Result:
        """The answer itself, with what it knows of the whole."""
        since, until, as_of = map(_with_zone, (self.since, self.until, self.as_of))
        asking = Parameters(by=by, since=since, until=until, as_of=as_of, tz=self.tz)
        return self.database.answer(load(metric), asking)


def _with_zone(moment: datetime | None) -> datetime | None:
    """A naive UTC time as what it is: without a zone it would be read as one of ``tz``."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _dicts(result: Result) -> list[Row]:
    """The rows of a result, each by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
