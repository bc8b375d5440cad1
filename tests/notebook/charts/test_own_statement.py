"""The chart of a statement of one's own: drawn where its form is obvious, refused elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.result import Provenance, Result
from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.notebook.presenter import PRESENTER

Make = Callable[..., Any]


def stated(text: str) -> Result:
    """The result of a statement, as of ``db.sql``."""
    found = duckdb.connect().sql(text)
    asked = Provenance(Filters(), datetime(2026, 11, 24, 5), text)
    return Result("sql", found, (asked,), PRESENTER)


def test_a_text_and_numbers_are_bars_in_the_order_of_the_statement() -> None:
    figure = stated(
        "from (values ('b', 1, 2.5::decimal(9,4)), ('a', 3, null), (null, -2, 1)) t(name, n, cost)"
    ).plot()
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(bar.y) for bar in bars] == [["b", "a", "–"]] * 2
    assert [list(bar.x) for bar in bars] == [[1, 3, -2], [2.5, None, 1]]
    assert [axis.title.text for axis in figure.select_xaxes()] == ["n", "cost"]


@pytest.mark.parametrize(
    "kind", ["date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz"]
)
def test_a_time_and_numbers_are_lines_in_the_order_of_time(kind: str) -> None:
    figure = stated(
        f"from (values ('2026-11-02'::{kind}, 5, 0.5), ('2026-11-01'::{kind}, null, 0.25))"
        " t(moment, n, x)"
    ).plot()
    assert [[*line.y] for line in figure.data] == [[None, 5.0], [0.25, 0.5]]
    assert [str(at)[:10] for at in figure.data[0].x] == ["2026-11-01", "2026-11-02"]
    assert len({line.yaxis for line in figure.data}) == 2, "units differ: a panel each"


@pytest.mark.parametrize(
    "text",
    [
        "select 1 as n",
        "select 'a' as a, 'b' as b, 1 as n",
        "select 'a' as a",
        "select 'a' as a, [1] as n",
        "select date '2026-11-01' as day, 'a' as a, 1 as n",
        "from (values ('a', 1), ('a', 2)) t(a, n)",
    ],
)
def test_any_other_form_says_what_to_call(text: str) -> None:
    with pytest.raises(UsageError, match=r"draw its \.df\(\) with plotly"):
        stated(text).plot()


def test_of_many_rows_and_columns_the_first_are_drawn_and_it_says_so() -> None:
    numbers = ", ".join(f"range + {at} as n{at}" for at in range(6))
    figure = stated(f"select 'x' || range as name, {numbers} from range(100)").plot()
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [len(bar.y) for bar in bars] == [30] * 4
    subtitle = figure.layout.title.subtitle.text
    assert "the first 30 rows" in subtitle
    assert "4 of 6 columns" in subtitle


def test_no_rows_are_a_sentence() -> None:
    figure = stated("select 'a' as a, 1 as n where false").plot()
    assert len(figure.data) == 0
    assert "no rows" in figure.layout.title.subtitle.text


def test_a_strangers_text_and_column_are_shown_as_text() -> None:
    figure = stated("select '<a href=x>$\\frac12$' as a, 1 as \"<b>$n$\"").plot(title="<i>")
    shown = figure.to_json()
    assert "<a href" not in shown
    assert "<i>" not in shown
    assert "$" not in figure.data[0].customdata[0]
    assert "<b>$" not in figure.layout.xaxis.title.text


def test_a_statement_has_no_kinds_of_chart() -> None:
    with pytest.raises(UnknownName):
        stated("select 'a' as a, 1 as n").plot(kind="curve")


def test_exact_money_and_days_are_written_as_in_tables() -> None:
    figure = stated("select date '2026-11-01' as day, 0.0333::decimal(18,8) as price").plot()
    assert figure.data[0].x == (date(2026, 11, 1),)
    assert figure.data[0].y == (float(Decimal("0.0333")),)
