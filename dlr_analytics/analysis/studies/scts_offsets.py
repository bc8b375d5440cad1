"""The study ``scts-offsets``: the learned offsets of ``scts`` by network and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import load

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

BY_WEEK: Final = ("network_code", "week")


@metric(shares="share")
def scts_offsets(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """List the offsets from UTC of each network's ``scts``, by week.

    A row per learned offset: the delivered ``messages`` with it, and their ``share`` of those with
    an ``scts``. A network with one offset has one row per week, and two in a week in which clocks
    change; a network with mixed routes has two in every week. Where the offset is NULL, it could
    not be learned, and latency is measured by push time only. See
    ``sql/offsets/scts_offsets.sql``.

    Parameters
    ----------
    **parameters
        As for the metrics; the default of ``by`` is ``network_code, week``.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> db.scts_offsets(by="month", where="network_code = '23820'").relation.filter(
    ...     "scts_offset_min is not null"
    ... ).project("month, scts_offset_min").fetchall()
    [(datetime.date(2026, 10, 1), 60), (datetime.date(2026, 10, 1), 120),
     (datetime.date(2026, 11, 1), 60)]
    """
    if parameters.get("by") is None:
        parameters["by"] = BY_WEEK
    return self.answer(load("scts-offsets"), parameters)
