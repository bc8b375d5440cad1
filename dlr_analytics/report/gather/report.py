"""Gather all figures of a report from one state of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar, Unpack

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages.networks import country_names
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.studies.periods import Period
from dlr_analytics.analysis.timezones import Moment, ago, local
from dlr_analytics.report.changes import Examined, Finding, Former
from dlr_analytics.report.command import Calls, options, repeat
from dlr_analytics.report.gather.costs import spending
from dlr_analytics.report.gather.counts import Count, named_networks, summed
from dlr_analytics.report.gather.coverage import coverage
from dlr_analytics.report.gather.findings.losses import Names, losses
from dlr_analytics.report.gather.findings.new_prices import new_prices
from dlr_analytics.report.gather.former import (
    NO_CHANGES,
    Both,
    Changes,
    all_changes,
    count_both,
    former,
    span_before,
)
from dlr_analytics.report.gather.groups import dimensions, senders
from dlr_analytics.report.gather.latencies import latency
from dlr_analytics.report.gather.metrics import PeriodMetrics
from dlr_analytics.report.gather.own import OwnDimension, own_dimensions
from dlr_analytics.report.gather.period import Span, choose_span, month_days
from dlr_analytics.report.gather.places import countries
from dlr_analytics.report.gather.quality import quality
from dlr_analytics.report.gather.rates import by_day
from dlr_analytics.report.gather.reasons import reasons, undelivered
from dlr_analytics.report.model import Day, Extent, Report
from dlr_analytics.report.model import Period as ReportPeriod
from dlr_analytics.report.request import Options, Request, parse
from dlr_analytics.vocabulary import FUTURE_HOURS

PARTS: Final = 8
"""How many parts of a report are gathered one after the other."""

MOST_FINDINGS: Final = 5

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
    before = span_before(span, asked.tz)
    own = own_dimensions(pinned, before.begins, span.until, asked)
    return _Gathering(
        database=pinned,
        asked=asked,
        both=count_both(pinned, before, span, asked, own),
        own=own,
        before=before,
        span=span,
        as_of=everything.as_of,
        channel=everything.filters.channel,
        began=data_span[0],
        extent=Extent(messages, first, last) if messages else None,
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
    """The messages of the period and of the one before, and what is known of the data."""

    database: Database
    asked: Request
    both: Both
    own: tuple[OwnDimension, ...]
    before: Period
    span: Span
    as_of: datetime
    channel: str
    began: datetime
    extent: Extent | None
    progress: Callable[[], object]

    def report(self) -> Report:
        """Gather the figures, section by section."""
        asked, span, names, done = self.asked, self.span, country_names(), self.done
        data, ahead = self.database.data, self.database.ahead_of_clock()
        both = self.both
        networks = named_networks((*both.before, *both.now))
        metrics = PeriodMetrics(self.database, span.since, span.until, asked, networks)
        (whole,) = done([summed(both.now).tally()])
        days = done(self.days(both.now))
        changes = done(self.changes(both))
        findings, looked_at = done(self.findings(both, days, Names(names, networks)))
        return Report(
            source=str(data),
            command=repeat(asked, data, span, self.channel, self.database.registered_tables),
            options=options(asked, data, span, self.channel),
            period=ReportPeriod(span.first, span.last, local(self.as_of, asked.tz), asked.tz),
            extent=self.extent,
            tally=whole,
            days=days,
            countries=done(countries(metrics, both.now, days, names, changes.places)),
            reasons=reasons(both.now),
            undelivered=undelivered(metrics, whole),
            latency=done(latency(metrics, names)),
            spending=spending(both.now, names),
            quality=done(quality(metrics, self.database.quarantined(), ahead)),
            coverage=done(coverage(metrics, names)),
            ahead=ahead,
            has_receipts=self.extent is not None or not self.database.is_empty(),
            channel=self.channel,
            request=asked,
            former=self.former(both),
            change=changes.whole,
            former_days=self.former_days(both),
            senders=senders(both.now, days, changes.senders),
            own=dimensions(both.now, days, changes.own, self.own),
            findings=findings,
            examined=looked_at,
        )

    def done(self, part: Part) -> Part:
        """Report the progress of a part that has been gathered."""
        self.progress()
        return part

    def days(self, counts: tuple[Count, ...]) -> tuple[Day, ...]:
        """The days of the period that the data covers."""
        if self.extent is None:
            return ()
        first, last = max(self.span.first, self.extent.first), min(self.span.last, self.extent.last)
        return by_day(counts, first, last, self.as_of, self.asked.tz)

    def former(self, both: Both) -> Former | None:
        """The period before, if the data has anything of it."""
        if self.extent is None or self.extent.first >= self.span.first:
            return None
        return former(both.before, self.before, self.asked.tz, self.extent.first)

    def former_days(self, both: Both) -> tuple[Day, ...]:
        """The days of the period before, if it can be compared."""
        found = self.former(both)
        if found is None or not found.comparable:
            return ()
        return by_day(both.before, found.first, found.last, self.as_of, self.asked.tz)

    def changes(self, both: Both) -> Changes:
        """What changed since the period before, if it can be compared."""
        found = self.former(both)
        if found is None or not found.comparable or not both.now:
            return NO_CHANGES
        return all_changes(both, self.database, self.asked, self.span, self.began, self.own)

    def findings(
        self, both: Both, days: tuple[Day, ...], names: Names
    ) -> tuple[tuple[Finding, ...], Examined]:
        """The findings: losses, then new prices, which have one place at least."""
        calls = Calls(
            self.asked,
            self.database.data,
            self.channel,
            {each.name: each.sql for each in self.own},
            self.database.registered_tables,
        )
        lost, looked_at = losses(both, days, names, calls, self.own)
        new = new_prices(
            self.database, self.asked, self.before, self.span, self.as_of, names, calls
        )
        kept = lost[: MOST_FINDINGS - min(1, len(new))]
        return (*kept, *new[: MOST_FINDINGS - len(kept)]), looked_at
