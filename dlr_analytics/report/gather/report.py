"""All that a report tells, gathered from one look at the data."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages.networks import country_names
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.timezones import Moment, utc, zone_name
from dlr_analytics.report.captions import local
from dlr_analytics.report.gather.costs import spending
from dlr_analytics.report.gather.coverage import coverage
from dlr_analytics.report.gather.latencies import latency
from dlr_analytics.report.gather.metrics import PeriodMetrics
from dlr_analytics.report.gather.period import Span, choose_span
from dlr_analytics.report.gather.places import countries
from dlr_analytics.report.gather.quality import quality
from dlr_analytics.report.gather.rates import by_day, tally
from dlr_analytics.report.gather.reasons import reasons, undelivered
from dlr_analytics.report.model import Day, Extent, Period, Report
from dlr_analytics.vocabulary import FUTURE_HOURS


def gather(
    database: Database,
    since: Moment | None = None,
    until: Moment | None = None,
    as_of: Moment | None = None,
    tz: str = "UTC",
) -> Report:
    """Ask every metric about one period, all of the same data as of the same moment.

    Parameters
    ----------
    database : Database
        What is asked.
    since, until : str, date or datetime, optional
        Messages from ``since``, included, to ``until``, not included; by default the 30 days up
        to the newest message.
    as_of : str, date or datetime, optional
        Leaves out what was received after it; by default the newest receipt.
    tz : str
        An IANA time zone: of the days, and of every date or time that names no zone.

    Raises
    ------
    UnreadableValue
        For a date, time or zone that cannot be read.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> report = gather(dlr.open("data/sample"))
    >>> report.tally.messages == sum(day.tally.messages for day in report.days)
    True
    """
    zone = zone_name(tz)
    moment = None if as_of is None else utc("as_of", as_of, zone)
    still = database.pinned()
    everything = PeriodMetrics(still, None, None, moment, zone).result("delivery-rate")
    seen = _seen(everything)
    span = choose_span(since, until, seen, zone)
    first, last = (local(at, zone).date() for at in seen)
    messages = everything.messages_total or 0
    look = _Look(
        metrics=PeriodMetrics(still, span.since, span.until, moment, zone),
        data=database.data,
        span=span,
        as_of=everything.as_of,
        extent=Extent(messages, first, last) if messages else None,
    )
    return look.report()


def _seen(everything: Result) -> tuple[datetime, datetime]:
    """The first and the last message time; a wrong clock's far future does not count as last."""
    oldest, newest = everything.span or (everything.as_of, everything.as_of)
    return oldest, min(newest, everything.as_of + timedelta(hours=FUTURE_HOURS))


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the data: what is asked, and what is known before it is."""

    metrics: PeriodMetrics
    data: Path
    span: Span
    as_of: datetime
    extent: Extent | None

    def report(self) -> Report:
        """Ask, section by section."""
        metrics, names = self.metrics, country_names()
        (whole,) = map(tally, metrics.rows("delivery-rate"))
        days = self.days()
        spent = spending(metrics, names)
        return Report(
            source=str(self.data),
            command=self.command(),
            period=Period(
                self.span.first, self.span.last, local(self.as_of, metrics.tz), metrics.tz
            ),
            extent=self.extent,
            tally=whole,
            days=days,
            countries=countries(metrics, days, names, spent[0].currency if spent else None),
            reasons=reasons(metrics),
            undelivered=undelivered(metrics, whole),
            latency=latency(metrics, names),
            spending=spent,
            quality=quality(metrics, self.data),
            coverage=coverage(metrics, names),
        )

    def days(self) -> tuple[Day, ...]:
        """The days of the period within which the data lies."""
        if self.extent is None:
            return ()
        first, last = max(self.span.first, self.extent.first), min(self.span.last, self.extent.last)
        return by_day(self.metrics, first, last, self.as_of)

    def command(self) -> str:
        """The command that makes this report again, from the same data."""
        tz, span = self.metrics.tz, self.span
        words = ["dlr", "report", "--data", str(self.data)]
        words += ["--since", _written(local(span.since, tz))]
        words += ["--until", _written(local(span.until, tz))]
        if self.metrics.as_of is not None:
            words += ["--as-of", _written(local(self.metrics.as_of, tz))]
        return shlex.join(words + (["--tz", tz] if tz != "UTC" else []))


def _written(moment: datetime) -> str:
    """A day where it is one's first instant, else the time."""
    return str(moment.date()) if moment.time() == time() else moment.isoformat()
