"""The distribution of push latencies, from which the curve of a latency is drawn."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.query import load

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result


def latency_curve(database: Answering, parameters: Parameters, as_of: dt.datetime) -> Result:
    """Count messages by steps of push latency.

    It is computed when a curve is drawn, not with each latency, and then as of the same time, even
    if receipts arrived meanwhile.

    Parameters
    ----------
    database : Answering
        Where the latency was asked for.
    parameters : Parameters
        What it was asked with.
    as_of : datetime
        Naive UTC: the as-of time of its result.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> latency_curve(db, {"by": "country"}, db.latency().as_of).columns
    ('country', 'within_s', 'messages')
    """
    found = database.answer(load("latency-curve"), parameters)
    if found.as_of == as_of:
        return found
    then = Parameters(**{**parameters, "as_of": as_of.replace(tzinfo=dt.UTC)})
    return database.answer(load("latency-curve"), then)
