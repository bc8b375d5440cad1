"""A result's rows as series: one a category, in order of time, with what is missing left open."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from dlr_analytics.report.values import shown
from dlr_analytics.vocabulary import MATURE_HOURS

if TYPE_CHECKING:
    from dlr_analytics.analyse.result import Result

Row = dict[str, Any]
"""A row of a result by column; a moment without a row has its time only."""

GRAINS: Final = ("month", "week", "day", "hour")
"""The columns of ``--by`` that a metric's course is drawn along, coarse to fine."""


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one category, or all rows where there are no categories.

    Attributes
    ----------
    label : str
        The category's values, tamed; empty where there are no categories.
    rows : tuple of Row
        In the result's order, which is that of time.
    """

    label: str
    rows: tuple[Row, ...]

    def total(self, column: str) -> Any:
        """Sum of a column, what is missing left out."""
        return sum(row[column] for row in self.rows if row.get(column) is not None)


def time_column(by: Sequence[str]) -> str | None:
    """The column that makes the horizontal axis, the finest of those that could.

    Examples
    --------
    >>> time_column(["network_code", "day"]), time_column(["country"])
    ('day', None)
    """
    return next((name for name in reversed(GRAINS) if name in by), None)


def rows_of(result: Result) -> list[Row]:
    """All rows by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]


def categories(by: Sequence[str]) -> list[str]:
    """The columns that tell series apart: all but that of time.

    Examples
    --------
    >>> categories(["network_code", "day"])
    ['network_code']
    """
    return [name for name in by if name != time_column(by)]


def series_of(result: Result) -> list[Series]:
    """The rows by category, in the result's order."""
    return grouped(rows_of(result), categories(result.by))


def grouped(rows: Iterable[Row], names: Sequence[str]) -> list[Series]:
    """Rows by the values of some columns, which make unique labels.

    Examples
    --------
    >>> rows = [{"country": "GB", "cost": 1}, {"country": None, "cost": 2}]
    >>> [(series.label, series.total("cost")) for series in grouped(rows, ["country"])]
    [('GB', 1), ('–', 2)]
    """
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(_hashable([row[name] for name in names]), []).append(row)
    labels = unique(label([rows[0][name] for name in names]) for rows in found.values())
    return [Series(name, tuple(rows)) for name, rows in zip(labels, found.values(), strict=True)]


def largest(series: Sequence[Series], size: Callable[[Series], Any], most: int) -> list[Series]:
    """Those that matter most, largest first; of equal ones the first stays first."""
    return sorted(series, key=size, reverse=True)[:most]


def label(values: Iterable[object]) -> str:
    """Several values as one short name, those that are missing left out.

    Examples
    --------
    >>> label(["23410", "O2"]), label(["99999", None]), label([None, None]), label([])
    ('23410 · O2', '99999', '–', '')
    """
    values = list(values)
    known = [value for value in values if value is not None]
    return " · ".join(map(shown, known or values[:1]))


def unique(labels: Iterable[str]) -> list[str]:
    """Labels that can be told apart, also where taming made two the same.

    Examples
    --------
    >>> unique(["Acme", "O2", "Acme"])
    ['Acme', 'O2', 'Acme (2)']
    """
    taken: dict[str, None] = {}
    for name in labels:
        names = (name if count == 1 else f"{name} ({count})" for count in itertools.count(1))
        taken[next(free for free in names if free not in taken)] = None
    return list(taken)


def escaped(text: str) -> str:
    """Text as plotly's pseudo-HTML shows it unchanged: no tags, links or formulas.

    Examples
    --------
    >>> escaped('<a href="x">$E$')
    '&lt;a href="x"&gt;&#36;E&#36;'
    """
    return html.escape(text, quote=False).replace("$", "&#36;")


def steps(first: date, last: date, grain: str) -> Iterator[date]:
    """All moments of a grain between two, both included.

    Examples
    --------
    >>> [day.day for day in steps(date(2026, 2, 27), date(2026, 3, 1), "day")]
    [27, 28, 1]
    """
    at = first
    while at <= last:
        yield at
        at = following(at, grain)


def following(at: date, grain: str) -> date:
    """Where the next hour, day, week or month begins.

    Examples
    --------
    >>> following(date(2026, 12, 1), "month")
    datetime.date(2027, 1, 1)
    """
    if grain == "month":
        return (at.replace(day=28) + timedelta(days=4)).replace(day=1)
    return at + {"hour": timedelta(hours=1), "day": timedelta(1), "week": timedelta(7)}[grain]


def beginning(at: date) -> datetime:
    """The moment at which a day begins; a moment itself."""
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)


def filled(series: Sequence[Series], time: str) -> list[Series]:
    """The same series over one common axis of time, a bare row where one has none."""
    seen = [row[time] for one in series for row in one.rows]
    if not seen:
        return list(series)
    axis = list(steps(min(seen), max(seen), time))
    return [_over(one, axis, time) for one in series]


def unsettled_from(result: Result, axis: Sequence[date], grain: str) -> int:
    """Where on an axis of time the moments begin that are not mature yet.

    Parameters
    ----------
    result : Result
        Its ``as_of`` is naive UTC, the axis in its ``tz``.
    axis : sequence of date or datetime
        Beginnings of hours, days, weeks or months, in order.
    grain : str
        Which of them.

    Returns
    -------
    int
        Index of the first that ends within 72 hours of ``as_of``; the axis' length if none does.
    """
    zone = ZoneInfo(str(result.tz))
    mature = result.as_of - timedelta(hours=MATURE_HOURS)
    ends = (_utc(following(at, grain), zone) for at in axis)
    return next((index for index, end in enumerate(ends) if end > mature), len(axis))


def runs(values: Sequence[object]) -> list[slice]:
    """Stretches without a gap.

    Examples
    --------
    >>> runs([0.9, 0.8, None, 0.7])
    [slice(0, 2, None), slice(3, 4, None)]
    """
    stretches = []
    at = 0
    for known, group in itertools.groupby(values, key=lambda value: value is not None):
        length = sum(1 for _ in group)
        if known:
            stretches.append(slice(at, at + length))
        at += length
    return stretches


def _over(series: Series, axis: Sequence[date], time: str) -> Series:
    known = {row[time]: row for row in series.rows}
    return Series(series.label, tuple(known.get(at, {time: at}) for at in axis))


def _utc(at: date, zone: ZoneInfo) -> datetime:
    return beginning(at).replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _hashable(value: object) -> object:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
