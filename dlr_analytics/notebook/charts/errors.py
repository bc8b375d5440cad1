"""Charts of ``errors``: bars by err-code with its meaning, columns over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts import counts
from dlr_analytics.notebook.charts.elements.series import (
    Series,
    escape,
    grouped,
    label,
    rows_of,
    unique,
)
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.timeline import Row, categories
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.values import short_text

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MEASURE: Final = "settled and undelivered messages by err-code"


def chart(result: Result) -> Chart:
    """Draw the chart of an ``errors`` result that has rows."""
    return counts.chart(result, _series(result), _words, MEASURE)


def _series(result: Result) -> list[Series]:
    """A series per code and category, labelled with category, code and meaning."""
    names = [name for name in categories(result.by) if name not in {"err_code", "meaning"}]
    every = grouped(rows_of(result), [*names, "err_code"])
    labels = unique(_named(one.rows[0], names) for one in every)
    return [Series(name, one.rows) for name, one in zip(labels, every, strict=True)]


def _named(row: Row, names: Sequence[str]) -> str:
    code = "no err-code" if row["err_code"] is None else short_text(row["err_code"])
    known = f"{code} {short_text(row['meaning'])}" if row["meaning"] else code
    return " · ".join(filter(None, [label([row[name] for name in names]), known]))


def _words(name: str, row: Row) -> str:
    said = f"<b>{escape(name)}</b><br>{formats.counted(row['messages'], 'message')}"
    advice = f"<br>{escape(row['advice'])}" if row.get("advice") else ""
    return f"{said}, {formats.rate(row['share'])}{advice}"
