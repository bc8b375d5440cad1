"""The study ``changes``: since when a delivery rate is another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Unpack

from dlr_analytics.analysis.filters import Parameters, time_zone
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import BUCKETS, load, local_time
from dlr_analytics.analysis.studies.changepoints import Step, find
from dlr_analytics.analysis.studies.courses import Cell

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

TYPES: Final = {
    "changed_at": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "latest": "TIMESTAMP",
    "value_before": "DOUBLE",
    "value": "DOUBLE",
    "difference": "DOUBLE",
    "messages_before": "BIGINT",
    "messages": "BIGINT",
}
"""The SQL types of the columns, after those of ``by``."""

_EPOCH: Final = dt.datetime(1970, 1, 1)


@metric(
    counts="messages_before messages",
    shares="value_before value difference",
    preview=("changed_at", ("earliest", "latest"), *list(TYPES)[3:]),
    order=None,
    without="unit",
    study=True,
    columns={
        "changed_at": "hour of message_time from which the rate is another, naive UTC",
        "earliest": "first hour in which the change may have been, with about 90 %",
        "latest": "last such hour",
        "value_before": "delivery rate since the change before, or the first message",
        "value": "delivery rate until the next change, or the last message",
        "difference": "value - value_before: 0.02 or more, either way",
        "messages_before": "messages of value_before",
        "messages": "messages of value",
    },
)
def changes(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """List when the delivery rate changed, by how much, and how sure the hour is.

    A row per change of 2 points or more, largest first. The days of each group are divided into
    stretches of one rate by optimal partitioning, with the variance p(1 - p)/n + tau² of a day;
    then each change moves to its hour, by maximum likelihood. See
    :mod:`dlr_analytics.analysis.studies.changepoints`.

    Rates are means of ``expected``, so recent days include an estimate for pending messages. A
    group with messages on fewer than 8 days has no row.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`. Days begin in ``tz``; times in the
        result are naive UTC.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> found = db.changes(by="network_code").relation
    >>> found.project("network_code").distinct().order("all").fetchall()
    [('23415',), ('26202',)]
    """
    day = BUCKETS["day"].format(local=local_time(time_zone(parameters)))
    cells = self.answer(load("changes").with_values(day=day), parameters)
    width = len(cells.by)
    rows = [
        (*key, *_row(step))
        for key, group in groupby(cells, key=lambda row: row[:width])
        for step in find(list(_cells(group, width)))
    ]
    rows.sort(key=lambda row: -abs(row[width + 5]))
    groups = dict(zip(cells.columns[:width], cells.types, strict=False))
    return self.derive("changes", {**groups, **TYPES}, rows, [cells], {"course": cells})


def _cells(rows: Iterator[tuple[Any, ...]], width: int) -> Iterator[Cell]:
    """The rows of a group as hourly counts."""
    for row in rows:
        began_at, began_on, sent, arrived = row[width:]
        hour = (began_at - _EPOCH) // dt.timedelta(hours=1)
        yield Cell(hour, began_on.toordinal(), sent, arrived)


def _row(step: Step) -> tuple[Any, ...]:
    times = (_EPOCH + dt.timedelta(hours=at) for at in (step.hour, step.earliest, step.latest))
    rates = (step.before.rate, step.after.rate, step.difference)
    return (*times, *rates, step.before.messages, step.after.messages)
