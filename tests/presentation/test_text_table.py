"""Columns line up in a terminal, whatever script a value is written in."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.cli.rows import write_table
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.presentation.text_table import aligned, width
from dlr_analytics.presentation.values import cell, short_text
from tests.support.results import answer

SENDERS = {
    "Acme": 4,
    "短信通知": 8,
    "ｱｸﾒ": 3,
    "アクメ": 6,
    "한국": 4,
    "\u1112\u1161\u11ab": 2,  # 한 as three conjoining jamo
    "Zoe\u0308": 3,
    "नमस्ते": 4,
    "مرحبا": 5,
    "مَرْحَبًا": 5,
    "שלום": 4,
    "می\u200cخواهم": 7,
    "❤\ufe0f": 1,
    "Ａｃｍｅ": 8,
}
"""Names of senders, and how many columns of a terminal each takes."""


@pytest.mark.parametrize(("sender", "columns"), SENDERS.items())
def test_width_counts_columns_and_not_characters(sender: str, columns: int) -> None:
    assert width(sender) == columns


@given(st.text(), st.text())
def test_the_width_of_two_texts_is_the_sum_of_theirs(one: str, other: str) -> None:
    assert width(one + other) == width(one) + width(other)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1), st.booleans())
def test_every_line_of_a_table_is_as_wide_as_its_columns(
    rows: list[tuple[str, str]], right: bool
) -> None:
    table = [[sanitize(text) for text in row] + ["|"] for row in rows]
    lines = list(aligned(table, [right, right, False]))
    assert len({width(line) for line in lines}) == 1
    assert len(lines) == len(rows)


def test_control_characters_take_no_line_and_no_width_of_their_own() -> None:
    (line,) = aligned([[cell("a\x1b[31m\r\nb\u202ec"), "|"]], [False, False])
    assert line == "a�[31m b�c  |"


def test_figures_are_aligned_right_and_text_left() -> None:
    lines = list(aligned([["sender", "n"], ["短信", "1,200"], ["é", "7"]], [False, True]))
    assert lines == ["sender      n", "短信    1,200", "é           7"]


def test_command_line_and_notebook_align_every_sender_alike() -> None:
    rows = [{"sender": name, "messages": 10**n} for n, name in enumerate(SENDERS)]
    result = answer("sql", rows)
    file = io.StringIO()
    write_table(result, file)
    printed = file.getvalue().splitlines()
    _, _, _, *shown = repr(result).splitlines()
    shown = shown[: shown.index("")]
    for lines in (printed, shown):
        assert len(lines) > 10
        assert all(width(a) == width(b) for a, b in pairwise(lines))


def test_a_cell_and_a_short_text_treat_what_is_missing_alike() -> None:
    assert cell(None) == short_text(None) == "–"
    assert cell([None, "a"]) == short_text([None, "a"]) == "–, a"
