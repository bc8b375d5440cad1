"""A study: the offsets of ``scts`` that were learned, by network over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import load

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result

BY_WEEK: Final = ("network_code", "week")


@metric(shares="share")
def scts_offsets(self: Database, **parameters: Unpack[Parameters]) -> Result:
    """Which offset from UTC each network's ``scts`` had, week by week.

    A row for each offset that was learned: the delivered ``messages`` with it, and their ``share``
    of those with an ``scts``. A network of one habit has one row a week, and two in the week in
    which the clocks change; one that mixes routes has two in every week. NULL is what could not be
    told, and is measured by push time only. How it is learned: ``sql/offsets/scts_offsets.sql``.

    Parameters
    ----------
    **parameters
        As for the metrics; ``by`` is ``network_code, week`` unless it is given.

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
