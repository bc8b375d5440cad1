"""A table in Markdown keeps its columns, whatever stands in a cell."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.presentation.markdown import code, escaped, table, with_code
from dlr_analytics.presentation.sanitize import sanitize


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_a_line_has_as_many_bars_as_the_table_has_columns(rows: list[tuple[str, str]]) -> None:
    cells = [[escaped(sanitize(one)), code(sanitize(other))] for one, other in rows]
    for line in table(["text|", "code"], cells, [False, True]):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3


def test_the_rule_below_the_heads_aligns_figures_right() -> None:
    assert list(table(["Network", "Rate, %"], [], [False, True])) == [
        "| Network | Rate, % |",
        "| --- | ---: |",
    ]


def test_only_what_stands_in_backticks_is_code() -> None:
    assert with_code("See `a|b` in [x]") == "See `a|b` in \\[x\\]"
