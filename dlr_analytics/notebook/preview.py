"""The preview of a result: at most ten rows, and the most important columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.analysis.query import BUCKETS
from dlr_analytics.notebook.kinds import Written, kinds_of
from dlr_analytics.notebook.periods import period_writer
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.values import is_number, short_text
from dlr_analytics.report.captions import counted, title
from dlr_analytics.report.gather.rates import tally
from dlr_analytics.report.model import Tally

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

ROWS: Final = 10

_WIDEST: Final = 52
"""Characters: enough for the longest advice."""

_SENTENCE: Final = 320
"""Characters of the column ``text``, which is read and not compared."""

Row = dict[str, Any]

_BOUNDS: Final = ("success_ratio", "best_case")


@dataclass(frozen=True, slots=True)
class Column:
    """A column head and its texts."""

    head: str
    texts: tuple[str, ...]
    figure: bool
    """Whether it is aligned right."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of a result, as text.

    Attributes
    ----------
    title, caption : str
        The title, and the line below it.
    by, columns : tuple of Column
        The grouping columns, and the others.
    tallies : tuple of Tally
        One per row of a delivery rate, to draw its interval; else empty.
    more_rows, more_columns : int
        The numbers of rows and columns that are left out.
    calls : tuple of str
        Calls that return more than the table.
    """

    title: str
    caption: str
    by: tuple[Column, ...]
    columns: tuple[Column, ...]
    tallies: tuple[Tally, ...]
    more_rows: int
    more_columns: int
    calls: tuple[str, ...]


def preview(result: Result) -> Preview:
    """Build the preview of a result, sorted as the metric's record defines."""
    order, size = _order(result)
    # A statement of db.sql may return millions of rows.
    some = result.rows() if result.metric in QUESTIONS else result.stored.limit(ROWS).fetchall()
    rows = [dict(zip(result.columns, row, strict=True)) for row in some]
    if size:
        rows.sort(key=size, reverse=True)
        rows.sort(key=lambda row: row.get("currency") or "")
    first = rows[:ROWS]
    names = _selected(result, rows)
    kinds = kinds_of(result)
    used = {name for group in names for name in group}
    return Preview(
        title=title(result),
        caption=" · ".join(filter(None, [counted(result), order])),
        by=tuple(_column((name,), first, kinds, period_writer(result, name)) for name in result.by),
        columns=tuple(_column(group, first, kinds) for group in names),
        tallies=tuple(map(tally, first)) if result.metric == "delivery-rate" else (),
        more_rows=len(result) - len(first),
        more_columns=len(set(result.columns) - used - set(result.by)),
        calls=(".df()", *([".plot()"] if kinds else []), ".relation", ".sql"),
    )


def _order(result: Result) -> tuple[str, Callable[[Row], Any] | None]:
    if result.metric not in QUESTIONS or len(result) < 2:
        return "", None
    record = QUESTIONS[result.metric]
    if not record.study and not BUCKETS.keys().isdisjoint(result.by):
        return f"ordered by {', '.join(result.by)}", None
    if record.order is None:
        return "", None
    word, size = record.order
    return f"ordered by {word}", size


def _selected(result: Result, rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Names of the columns to show, pairs for ranges, without empty columns."""
    metric = QUESTIONS.get(result.metric)
    preferred = (metric and metric.preview) or [n for n in result.columns if n not in result.by]
    wanted = [(name,) if isinstance(name, str) else name for name in preferred]
    groups = [tuple(n for n in group if n in result.columns) for group in wanted]
    if not any(row.get("pending") for row in rows):
        groups = [group for group in groups if group != _BOUNDS]
    if result.metric == "latency" and rows:
        groups = [group for group in groups if any(_has_value(row, group) for row in rows)]
    return [group for group in groups if group and not set(group) & set(result.by)]


def _column(
    names: tuple[str, ...],
    rows: Sequence[Row],
    kinds: Mapping[str, Written],
    period: Callable[[object], str] | None = None,
) -> Column:
    kind = kinds.get(names[0])
    widest = _SENTENCE if names == ("text",) else _WIDEST
    write = kind.text if kind else period or partial(short_text, limit=widest)
    texts = (_joined(names, [write(row[name]) for name in names]) for row in rows)
    figure = bool(kind) or any(is_number(row[names[0]]) for row in rows)
    unit = kind.unit if kind else ""
    return Column(f" {_sign(names)} ".join(names) + unit, tuple(texts), figure)


def _has_value(row: Row, names: tuple[str, ...]) -> bool:
    return any(row[name] is not None for name in names)


def _joined(names: tuple[str, ...], texts: Sequence[str]) -> str:
    """A value, a range, or a value with its margin."""
    if texts[0] == formats.MISSING or (_sign(names) == "–" and len(set(texts)) == 1):
        return texts[0]
    return f" {_sign(names)} ".join(texts)


def _sign(names: tuple[str, ...]) -> str:
    return "±" if names[-1].endswith(("_margin_s", "_margin")) else "–"
