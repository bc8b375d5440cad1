"""The study ``compare``: whether a figure changed, or differs by chance."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metric import Row, metric
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.studies.figures import RATE_FIGURE, must_be_one_currency, of_figure
from dlr_analytics.analysis.studies.periods import (
    as_parameters,
    earlier_periods,
    period_of,
    relation,
)
from dlr_analytics.analysis.studies.significance import adjusted, critical_t, two_sided_p
from dlr_analytics.errors import UnreadableValue

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

LEAST_PERIODS: Final = 5
MOST_PERIODS: Final = 52

LEVEL: Final = 0.05
"""Of the interval and of the verdict."""

COLUMNS: Final = {
    "messages": "",
    "value": "",
    "usual": "",
    "difference": "",
    "low": "95 % interval of the difference, lower end; NULL where there are too few",
    "high": "95 % interval of the difference, upper end; NULL where there are too few",
    "periods": "",
    "p": "two-sided p of the difference, t with periods - 1 degrees; NULL where there are too few",
    "p_adjusted": "p adjusted for the number of groups (Benjamini and Hochberg)",
    "tested": "groups with a p",
    "verdict": "changed where p_adjusted < 0.05, within noise, or too few",
}

_COMPUTED: Final = {
    **dict.fromkeys(("low", "high", "p", "p_adjusted"), "DOUBLE"),
    "tested": "BIGINT",
    "verdict": "VARCHAR",
}


@metric(
    counts="messages periods tested",
    figures="value usual",
    differences="difference low high",
    preview=("value", "usual", "difference", ("low", "high"), "p_adjusted", "verdict", "messages"),
    order=None,
    without="unit",
    study=True,
    columns=COLUMNS,
)
def compare(
    self: Answering,
    figure: str = RATE_FIGURE,
    *,
    periods: int = 12,
    **parameters: Unpack[Parameters],
) -> Result:
    """Compare a period with earlier ones: has a figure changed, or is it noise.

    The period is ``since`` to ``until``, by default the 7 whole days before the day of as of. It
    is compared with ``periods`` earlier ones of equal length, each 7 days before the next (or the
    least multiple of 7 days that holds the period), by the calendar of ``tz``. With the mean m and
    the standard deviation s of the k earlier figures, the difference of the figure from m is
    divided by

        √(max(s²(1 + 1/k), p(1 - p)(1/n + 1/N)) + e²)

    and compared with Student's t with k - 1 degrees of freedom. p(1 - p)(1/n + 1/N) is the
    sampling error of n messages now against N earlier ones, p = (delivered + 1) / (N + 2); for
    ``cost_per_message`` it is (m/1000)² instead. e is the nowcast's standard error for the pending
    messages. p is adjusted for the number of groups (Benjamini & Hochberg, J. R. Stat. Soc. B 57,
    1995), so that at most 5 % of the groups called ``changed`` are expected to be false.

    Fewer than 5 earlier periods with messages of the group, or no messages now, are ``too few``:
    then p, ``low`` and ``high`` are NULL. Smallest ``p_adjusted`` first.

    Parameters
    ----------
    figure : str
        ``delivery_rate`` or ``cost_per_message``.
    periods : int
        How many earlier periods, 5 to 52.
    **parameters
        ``by, since, until, where, as_of, tz, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Raises
    ------
    UsageError
        If the period is empty, or prices are in several currencies without ``currency`` in ``by``.
    UnknownName
        If there is no such figure.
    UnreadableValue
        If ``periods`` is not from 5 to 52.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")  # of five weeks
    >>> db.compare().df()[["periods", "verdict"]].to_numpy().tolist()
    [[4, 'too few']]
    """
    number = _number(periods)
    query = of_figure(load("compare"), figure)
    filters = self.resolve(parameters)
    period = period_of(filters)
    earlier = earlier_periods(period, number, filters.tz)
    stated = self.answer(
        query.with_values(periods=relation([period, *earlier])),
        as_parameters(parameters, earlier[-1].begins, period.ends),
    )
    rows = [dict(zip(stated.columns, row, strict=True)) for row in stated]
    must_be_one_currency(rows, filters.by)
    types = dict(zip(stated.columns, stated.types, strict=True)) | _COMPUTED
    columns = {name: types[name] for name in (*filters.by, *COLUMNS)}
    values = [[row[name] for name in columns] for row in judged(rows)]
    own = {"figure": figure, "period": period, "earlier": tuple(earlier)}
    return self.derive("compare", columns, values, [stated], own)


def judged(rows: Sequence[Row]) -> list[Row]:
    """Add interval, p and verdict to rows, and order them by ``p_adjusted``."""
    tested = [row for row in rows if _is_testable(row)]
    ps = [_p(row) for row in tested]
    found = [
        {**row, **_interval(row), "p": p, "p_adjusted": q, "tested": len(tested), **_verdict(q)}
        for row, p, q in zip(tested, ps, adjusted(ps), strict=True)
    ]
    unknown = dict.fromkeys(("low", "high", "p", "p_adjusted"))
    others = [
        {**row, **unknown, "tested": len(tested), "verdict": "too few"}
        for row in rows
        if not _is_testable(row)
    ]
    return [*sorted(found, key=lambda row: (row["p_adjusted"], row["p"])), *others]


def _interval(row: Row) -> Row:
    half = critical_t(row["periods"] - 1, LEVEL) * row["se"]
    return {"low": row["difference"] - half, "high": row["difference"] + half}


def _verdict(p_adjusted: float) -> Row:
    return {"verdict": "changed" if p_adjusted < LEVEL else "within noise"}


def _is_testable(row: Row) -> bool:
    return row["periods"] >= LEAST_PERIODS and row["difference"] is not None


def _p(row: Row) -> float:
    if not row["se"]:  # a price of exactly zero in every period
        return float(row["difference"] == 0)
    return two_sided_p(row["difference"] / row["se"], row["periods"] - 1)


def _number(periods: object) -> int:
    try:
        number = operator.index(periods)  # type: ignore[arg-type]
    except TypeError:
        number = 0
    if not LEAST_PERIODS <= number <= MOST_PERIODS:
        raise UnreadableValue(
            f"periods: {periods!r} is no number of periods to compare with",
            f"give a whole number from {LEAST_PERIODS} to {MOST_PERIODS}",
        )
    return number
