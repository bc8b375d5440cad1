"""Gather all figures of a report from one state of the data."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.filters import DEFAULT_CHANNEL
from dlr_analytics.analysis.messages.networks import country_names
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.timezones import Moment, local, utc, zone_name
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
    channel: str | None = None,
) -> Report:
    """Compute every metric over one period, from the same data and as-of time.

    Parameters
    ----------
    database : Database
        The data directory, opened.
    since, until : str, date or datetime, optional
        The period, ``until`` not included; by default the 30 days up to the newest message.
    as_of : str, date or datetime, optional
        Leaves out receipts received later; by default the time of the newest receipt.
    tz : str
        An IANA time zone, for days, and for dates and times without a zone.
    channel : str, optional
        ``sms`` by default; another channel, or ``all``.

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
    pinned = database.pinned()
    everything = PeriodMetrics(pinned, None, None, moment, zone, channel).result("delivery-rate")
    data_span = _data_span(everything, pinned, zone)
    span = choose_span(since, until, data_span, zone)
    first, last = (local(at, zone).date() for at in data_span)
    messages = everything.messages_total or 0
    return _Gathering(
        metrics=PeriodMetrics(pinned, span.since, span.until, moment, zone, channel),
        data=database.data,
        span=span,
        as_of=everything.as_of,
        channel=everything.filters.channel,
        extent=Extent(messages, first, last) if messages else None,
        ahead=pinned.ahead_of_clock(),
    ).report()


def _data_span(everything: Result, pinned: Database, zone: str) -> tuple[datetime, datetime]:
    """The first and the last message time, ignoring clocks far in the future."""
    as_of, filters, span = everything.as_of, everything.filters, everything.span
    latest = as_of + timedelta(hours=FUTURE_HOURS)
    if span is not None and span[1] > latest:
        until = latest + timedelta(microseconds=1)  # which is not included
        known = PeriodMetrics(pinned, None, until, filters.as_of, zone, filters.channel)
        span = known.result("delivery-rate").span
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

    def report(self) -> Report:
        """Gather the figures, section by section."""
        metrics, names = self.metrics, country_names()
        (whole,) = map(tally, metrics.rows("delivery-rate"))
        days = self.days()
        spent = spending(metrics, names)
        first, last = self.span.first, self.span.last
        return Report(
            source=str(self.data),
            command=self.command(),
            period=Period(first, last, local(self.as_of, metrics.tz), metrics.tz),
            extent=self.extent,
            tally=whole,
            days=days,
            countries=countries(metrics, days, names, spent[0].currency if spent else None),
            reasons=reasons(metrics),
            undelivered=undelivered(metrics, whole),
            latency=latency(metrics, names),
            spending=spent,
            quality=quality(metrics, self.data, self.ahead),
            coverage=coverage(metrics, names),
            ahead=self.ahead,
            channel=self.channel,
        )

    def days(self) -> tuple[Day, ...]:
        """The days of the period that the data covers."""
        if self.extent is None:
            return ()
        first, last = max(self.span.first, self.extent.first), min(self.span.last, self.extent.last)
        return by_day(self.metrics, first, last, self.as_of)

    def command(self) -> str:
        """The command that reproduces this report from the same data."""
        tz, span = self.metrics.tz, self.span
        words = ["dlr", "report", "--data", str(self.data)]
        words += ["--since", _argument(local(span.since, tz))]
        words += ["--until", _argument(local(span.until, tz))]
        if self.metrics.as_of is not None:
            words += ["--as-of", _argument(local(self.metrics.as_of, tz))]
        if self.channel != DEFAULT_CHANNEL:
            words += ["--channel", self.channel]
        return shlex.join(words + (["--tz", tz] if tz != "UTC" else []))


def _argument(moment: datetime) -> str:
    """Write a time as an argument: midnight as its day."""
    return str(moment.date()) if moment.time() == time() else moment.isoformat()
