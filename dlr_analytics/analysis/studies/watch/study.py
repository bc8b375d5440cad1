"""The study ``watch``: its record, and how its statements are asked.

It looks at one moment and keeps no state: called every few minutes, it names an alert as long as
that lasts. Alertmanager and its like know what was said already.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple
from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.cache import snapshot
from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import Query, local_time
from dlr_analytics.analysis.studies.watch.alert import COLUMNS, TYPES
from dlr_analytics.analysis.studies.watch.kinds import STATEMENTS, Findings, Row, alerts

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

HISTORY: Final = dt.timedelta(days=32)
"""What is read: 29 days, and before them the messages whose receipts came in these."""

EARLIEST: Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC) + HISTORY
"""The earliest as-of time with such a history."""


@metric(
    counts="messages",
    preview=("kind", "text"),
    order=None,
    without="by since until unit",
    study=True,
    columns=COLUMNS,
)
def watch(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Find what is wrong just now: a row for each alert.

    The history is that of the 28 days before. ``delivery``: the share delivered within 10 minutes
    of ``message_time``, in the 15, 30, 60 or 120 minutes that ended 10 minutes ago, is 12 points
    and

        z = (n b - x) / √(max(n b(1 - b), 0.0099 n) + n² τ²) >= 6

    below the network's habit b at this hour of the day, workdays and weekends apart; τ² is what its
    hours vary beyond chance. ``latency``: the same for the share of these that took no longer than
    the network's 75th percentile. ``filtered``: errors 6 and 50 to 54 of a network and sender, by
    the tail of a negative binomial distribution. ``volume``: more than twice what a country ever
    got in 6 hours. ``silence``: at most 5 % of the receipts that usually come in the last 1, 2, 6
    or 24 hours.

    Nothing is stored and nothing is sent: see ``docs/alerts.md``.

    Parameters
    ----------
    **parameters
        ``where, as_of, tz, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`. ``as_of`` is the clock's time by
        default: as of the newest receipt, silence could not be seen. Weekends are those of ``tz``.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> found = db.watch(as_of="2026-11-24T12:00")
    >>> found.relation.project("kind, network_code, minutes, messages").fetchall()
    [('silence', None, 360, 0)]
    """
    filters = parse(parameters)
    as_of = (filters.as_of or snapshot.now()).replace(tzinfo=dt.UTC)
    asked = Parameters(
        as_of=as_of,
        since=max(as_of, EARLIEST) - HISTORY,
        where=filters.where,
        tz=filters.tz,
        channel=filters.channel,
    )
    pinned = self.pinned()
    results = {name: pinned.answer(_query(name, asked), asked) for name in STATEMENTS}
    if len(results["silence"]):
        results["send_log"] = pinned.answer(_query("send_log", asked), asked)
    rows = {name: _rows(result) for name, result in results.items()}
    found = alerts(Findings(**rows, tz=filters.tz))
    return self.derive("watch", TYPES, [astuple(alert) for alert in found], list(results.values()))


def _query(name: str, asked: Parameters) -> Query:
    """A statement of ``sql/watch``: hours and weekends are in the time zone."""
    query = Query("watch", statement(f"watch/{name}"))
    filters = parse(asked)
    local = local_time(filters.tz, "moment")
    if name == "scan":
        return query.with_values(local=local)
    if name == "silence":
        return query.with_values(local=local, begins=f"timestamp '{filters.since}'")
    return query


def _rows(result: Result) -> list[Row]:
    return [dict(zip(result.columns, row, strict=True)) for row in result]
