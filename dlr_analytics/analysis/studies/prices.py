"""The study ``prices``: when prices changed, and what that has cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from dlr_analytics.analysis.filters import Parameters, time_zone
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import BUCKETS, load, local_time

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result


@metric(
    shares="change",
    money="extra_cost",
    prices="price_before price",
    order=None,
    without="by unit",
    study=True,
)
def prices(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """List the changes of prices, and what messages have cost beyond the old price.

    A row per change of 0.1 % or more, by network and currency, in order of time. The price is what
    most messages pay: in the 7 days before, against the 3 days from then. ``changed_at`` is exact
    to the message: it leaves the fewest messages on the wrong side.

    Two routes at two prices are no change. If within 14 days either price was also paid on the
    other side of ``changed_at``, then the shares b of the old price before and a of the new price
    after, among the n messages at either price, must satisfy a + b >= 1.5 and chi squared >= 20
    (n φ², the fourfold table).

    ``extra_cost`` is the sum of ``price`` - ``price_before`` over all priced messages of the
    network from ``changed_at`` until its next change, in exact decimals. Messages of unknown
    networks are left out: they have many prices.

    Parameters
    ----------
    **parameters
        ``since, until, where, as_of, tz, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Returns
    -------
    Result
        ``changed_at`` is naive UTC; days begin in ``tz``. No row if no price changed.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> dlr.open("data/sample").prices().relation.project("network_code, price").fetchall()
    [('72402', Decimal('0.04912775'))]
    """
    day = BUCKETS["day"].format(local=local_time(time_zone(parameters)))
    return self.answer(load("prices").with_values(day=day), parameters)
