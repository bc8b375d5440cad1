"""Gather all figures of a report from one state of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, Unpack

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages.networks import country_names
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.timezones import Moment, ago, local
from dlr_analytics.report.command import repeat
from dlr_analytics.report.gather.costs import spending
from dlr_analytics.report.gather.coverage import coverage
from dlr_analytics.report.gather.latencies import latency
from dlr_analytics.report.gather.metrics import PeriodMetrics
from dlr_analytics.report.gather.period import Span, choose_span, month_days
from dlr_analytics.report.gather.places import countries
from dlr_analytics.report.gather.quality import quality
from dlr_analytics.report.gather.rates import by_day, tally
from dlr_analytics.report.gather.reasons import reasons, undelivered
from dlr_analytics.report.model import Day, Extent, Period, Report
from dlr_analytics.report.request import Options, Request, parse
from dlr_analytics.vocabulary import FUTURE_HOURS

PARTS: Final = 8
"""How many parts of a report are gathered one after the other."""

Part = TypeVar("Part")


def gather(
    database: Database,
    progress: Callable[[], object] = lambda: None,
    **options: Unpack[Options],
) -> Report:
    """Compute every metric over one period, from the same data and as-of time.

    Parameters
    ----------
    database : Database
        The data directory, opened.
    progress : callable
        Called whenever one of the ``PARTS`` parts is gathered.
    **options
        As in :class:`dlr_analytics.report.request.Options`.

    Raises
    ------
    UnreadableValue
        For an option that cannot be read.
    RefusedStatement, UsageError
        For a ``where`` that is no condition over the columns of ``messages``.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> report = gather(dlr.open("data/sample"), month="2026-11")
    >>> report.tally.messages == sum(day.tally.messages for day in report.days)
    True
    """
    asked = parse(options)
    month = None if asked.month is None else month_days(asked.month)
    pinned = database.pinned()
    # The range that the data has does not depend on the condition: so reports with different
    # conditions are of the same days, and one that selects nothing can say what there is.
    unconditional = replace(asked, where=None, unit="message")
    everything = PeriodMetrics(pinned, None, None, unconditional).result("delivery-rate")
    data_span = _data_span(everything, pinned, unconditional)
    limits = month or [_counted_back(limit, everything) for limit in (asked.since, asked.until)]
    span = choose_span(limits[0], limits[1], data_span, asked.tz)
    first, last = (local(at, asked.tz).date() for at in data_span)
    messages = everything.messages_total or 0
    return _Gathering(
        metrics=PeriodMetrics(pinned, span.since, span.until, asked),
        data=database.data,
        span=span,
        as_of=everything.as_of,
        channel=everything.filters.channel,
        extent=Extent(messages, first, last) if messages else None,
        ahead=pinned.ahead_of_clock(),
        progress=progress,
    ).report()


def _counted_back(limit: Moment | None, everything: Result) -> Moment | None:
    """Count a limit like ``7d`` back from the as-of time."""
    distance = None if limit is None else ago(limit)
    return limit if distance is None else (everything.as_of - distance).replace(tzinfo=UTC)


def _data_span(everything: Result, pinned: Database, asked: Request) -> tuple[datetime, datetime]:
    """The first and the last message time, ignoring clocks far in the future."""
    as_of, span = everything.as_of, everything.span
    latest = as_of + timedelta(hours=FUTURE_HOURS)
    if span is not None and span[1] > latest:
        until = latest + timedelta(microseconds=1)  # which is not included
        span = PeriodMetrics(pinned, None, until, asked).result("delivery-rate").span
    return span or (as_of, as_of)


@dataclass(frozen=True, slots=True)
class _Gathering:
    """The metrics of the period, and what is known before they are computed."""

    metrics: PeriodMetrics
    data: Path
    span: Span
    as_of: datetime
    channel: str
    extent: Extent | None
    ahead: int
    progress: Callable[[], object]

    def report(self) -> Report:
        """Gather the figures, section by section."""
        metrics, names, done = self.metrics, country_names(), self.done
        (whole,) = done(map(tally, metrics.rows("delivery-rate")))
        days = done(self.days())
        spent = done(spending(metrics, names))
        first, last, asked = self.span.first, self.span.last, metrics.asked
        return Report(
            source=str(self.data),
            command=repeat(asked, self.data, self.span, self.channel),
            period=Period(first, last, local(self.as_of, metrics.tz), metrics.tz),
            extent=self.extent,
            tally=whole,
            days=days,
            countries=done(countries(metrics, days, names, spent[0].currency if spent else None)),
            reasons=done(reasons(metrics)),
            undelivered=undelivered(metrics, whole),
            latency=done(latency(metrics, names)),
            spending=spent,
            quality=done(quality(metrics, self.data, self.ahead)),
            coverage=done(coverage(metrics, names)),
            ahead=self.ahead,
            channel=self.channel,
            request=asked,
        )

    def done(self, part: Part) -> Part:
        """Report the progress of a part that has been gathered."""
        self.progress()
        return part

    def days(self) -> tuple[Day, ...]:
        """The days of the period that the data covers."""
        if self.extent is None:
            return ()
        first, last = max(self.span.first, self.extent.first), min(self.span.last, self.extent.last)
        return by_day(self.metrics, first, last, self.as_of)
