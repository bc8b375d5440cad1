"""The period before, and changes since: of all messages and of their parts.

Whether a change is more than chance is decided twice. The two periods are always compared by the
spread of their days (:mod:`dlr_analytics.analysis.studies.two_periods`). Where the data holds five
earlier periods, the study ``compare`` knows how much periods differ, not only days: then a change
is only ``firm`` if ``compare`` calls it changed, in the same direction. Differences and intervals
are those of the first comparison everywhere, so that all rows of a table mean the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final, TypeVar

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.studies.compare import LEAST_PERIODS
from dlr_analytics.analysis.studies.dips import Day
from dlr_analytics.analysis.studies.periods import (
    Period,
    earlier_periods,
    period_before,
)
from dlr_analytics.analysis.studies.two_periods import Days, differences
from dlr_analytics.analysis.timezones import local
from dlr_analytics.report.changes import Change, Former
from dlr_analytics.report.gather.costs import amounts
from dlr_analytics.report.gather.counts import Count, count_days, grouped, summed
from dlr_analytics.report.gather.metrics import parameters_of
from dlr_analytics.report.gather.own import OwnDimension, by_expressions
from dlr_analytics.report.gather.period import Span
from dlr_analytics.report.gather.places import Key, of_country, of_network
from dlr_analytics.report.request import Request

Group = TypeVar("Group", bound=Hashable)

COMPARED_PERIODS: Final = 12


@dataclass(frozen=True, slots=True)
class Both:
    """The messages of the period and of the period of equal length before."""

    before: tuple[Count, ...]
    now: tuple[Count, ...]


def span_before(span: Span, tz: str) -> Period:
    """Return the period of equal length before, naive UTC."""
    return period_before(Period(span.since, span.until), tz)


def count_both(
    database: Database, before: Period, span: Span, asked: Request, own: Sequence[OwnDimension] = ()
) -> Both:
    """Count the messages of both periods: at once where no day belongs to both."""
    if local(span.since, asked.tz).time() != time():
        now = count_days(database, span.since, span.until, asked, own)
        return Both(count_days(database, before.begins, span.since, asked, own), now)
    counts = count_days(database, before.begins, span.until, asked, own)
    return Both(
        tuple(count for count in counts if count.day < span.first),
        tuple(count for count in counts if count.day >= span.first),
    )


def former(counts: tuple[Count, ...], period: Period, tz: str, began: date) -> Former:
    """Sum up the period before; the data began on the day ``began``."""
    sums = summed(counts)
    first, end = (local(moment, tz).date() for moment in period)
    last = date.fromordinal(max(first.toordinal(), end.toordinal() - 1))
    tally = sums.tally()
    cost, wasted = amounts(sums)
    return Former(
        first=first,
        last=last,
        whole=began <= first,
        messages=tally.messages,
        rate=tally.rate,
        within_30s=sums.within_30s / sums.measured if sums.measured else None,
        outcomes=tuple(sums.outcomes.items()),
        wasted=wasted,
        cost=cost,
    )


def changes(both: Both, key: Callable[[Count], Group]) -> dict[Group, Change]:
    """Return what changed since the period before, group by group."""
    before, now = _days(both.before, key), _days(both.now, key)
    errors = {name: sums.standard_error for name, sums in grouped(both.now, key).items()}
    groups = {name: Days(before.get(name, []), days, errors[name]) for name, days in now.items()}
    return {
        name: Change(each.before, each.difference, each.low, each.high, each.firm)
        for name, each in differences(groups).items()
    }


def _days(counts: tuple[Count, ...], key: Callable[[Count], Group]) -> dict[Group, list[Day]]:
    """The days of each group, without pending messages that no estimate exists for."""
    found: dict[Group, dict[int, Day]] = defaultdict(dict)
    for count in counts:
        number, days = count.day.toordinal(), found[key(count)]
        old = days.get(number, Day(number, 0, 0.0))
        days[number] = Day(
            number, old.messages + count.with_expected, old.delivered + count.expected
        )
    return {
        name: [day for _, day in sorted(days.items()) if day.messages]
        for name, days in found.items()
    }


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: of all messages, places, senders and own dimensions."""

    whole: Change | None
    places: Mapping[Key, Change]
    senders: Mapping[str | None, Change]
    own: tuple[Mapping[str | None, Change], ...] = ()


NO_CHANGES: Final = Changes(None, {}, {})


def all_changes(
    both: Both,
    database: Database,
    asked: Request,
    span: Span,
    began: datetime,
    own: Sequence[OwnDimension] = (),
) -> Changes:
    """Compare with the period before, and by ``compare`` where the data is old enough."""
    whole = changes(both, lambda _: None).get(None)
    networks, countries = changes(both, of_network), changes(both, of_country)
    senders = changes(both, lambda count: count.sender)
    of_own = [
        changes(both, lambda count, place=place: count.own[place])  # type: ignore[misc]
        for place in range(len(own))
    ]
    period = Period(span.since, span.until)
    earlier = earlier_periods(period, LEAST_PERIODS, asked.tz)
    if asked.unit != "message" or began > earlier[-1].begins:
        return Changes(whole, networks | countries, senders, tuple(of_own))
    of_all = _verdicts(database, asked, span)
    of_networks = _verdicts(database, asked, span, "network_code")
    judged = {key: _judged(each, of_networks.get(key[1])) for key, each in networks.items()}
    return Changes(
        None if whole is None else _judged(whole, of_all.get(None)),
        judged | countries,
        _all_judged(senders, _verdicts(database, asked, span, "sender")),
        tuple(
            _all_judged(each, _verdicts(database, asked, span, by))
            for each, by in zip(of_own, by_expressions(own, database), strict=True)
        ),
    )


def _verdicts(
    database: Database, asked: Request, span: Span, *by: str | Mapping[str, str]
) -> dict[str | None, dict[str, Any]]:
    """The rows of ``compare`` by the value of ``by``."""
    parameters = parameters_of(asked, span.since, span.until, by)
    del parameters["unit"]  # it is message here, and compare has no other
    result = database.compare(periods=COMPARED_PERIODS, **parameters)
    rows = [dict(zip(result.columns, row, strict=True)) for row in result]
    return {row[result.columns[0]] if by else None: row for row in rows}


def _all_judged(
    found: Mapping[str | None, Change], rows: Mapping[str | None, Mapping[str, Any]]
) -> Mapping[str | None, Change]:
    return {value: _judged(each, rows.get(value)) for value, each in found.items()}


def _judged(change: Change, row: Mapping[str, Any] | None) -> Change:
    """A change that ``compare`` has judged: more than chance only if it says so."""
    if row is None or row["verdict"] == "too few":
        return change
    agrees = row["difference"] * change.difference > 0
    return replace(change, firm=row["verdict"] == "changed" and agrees)
