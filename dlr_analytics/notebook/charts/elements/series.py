"""The rows of a result as series, one per category, with their labels."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.query import CYCLES
from dlr_analytics.notebook.charts.timeline import Row, categories
from dlr_analytics.presentation.values import short_text

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one category; all rows where there are no categories.

    Attributes
    ----------
    label : str
        The category's values, sanitised; empty where there are no categories.
    rows : tuple of Row
        In the result's order: by time.
    """

    label: str
    rows: tuple[Row, ...]

    def total(self, column: str) -> Any:
        """The sum of a column without its NULLs."""
        return sum(row[column] for row in self.rows if row.get(column) is not None)


def messages(series: Series) -> int:
    """The number of messages of a series, the usual order."""
    return int(series.total("messages"))


def rows_of(result: Result) -> list[Row]:
    """The rows as mappings by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]


def series_of(result: Result) -> list[Series]:
    """A series per category, in the result's order."""
    return grouped(rows_of(result), categories(result.by))


def grouped(rows: Iterable[Row], names: Sequence[str]) -> list[Series]:
    """Group rows by the values of columns, with unique labels.

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
    """The largest series first; by hour of day or weekday all keep their order."""
    order = sorted(range(len(series)), key=lambda place: size(series[place]), reverse=True)[:most]
    in_place = bool(series) and not CYCLES.keys().isdisjoint(series[0].rows[0])
    return [series[place] for place in (sorted(order) if in_place else order)]


def label(values: Iterable[object]) -> str:
    """Make one short label from several values, missing ones left out.

    Examples
    --------
    >>> label(["23410", "O2"]), label(["99999", None]), label([None, None]), label([])
    ('23410 · O2', '99999', '–', '')
    """
    values = list(values)
    known = [value for value in values if value is not None]
    return " · ".join(map(short_text, known or values[:1]))


def unique(labels: Iterable[str]) -> list[str]:
    """Number labels that sanitising made equal.

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


def escape(text: str) -> str:
    """Escape text for plotly's pseudo-HTML: no tags, links or formulas.

    Examples
    --------
    >>> escape('<a href="x">$E$')
    '&lt;a href="x"&gt;&#36;E&#36;'
    """
    return html.escape(text, quote=False).replace("$", "&#36;")


def runs(values: Sequence[object]) -> list[slice]:
    """The runs of values without a gap, as slices.

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


def _hashable(value: object) -> object:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
