"""``errors``: the settled and undelivered by err-code, with what the code means."""

from __future__ import annotations

import pytest

from dlr_analytics.vocabulary import ERR_CODES, OUTCOMES
from tests.support.message_tables import message, metric_rows, only


def test_each_settled_and_undelivered_message_counts_under_its_code() -> None:
    rows = [message(outcome, err_code=1) for outcome in OUTCOMES]
    row = only(metric_rows("errors", rows))
    assert (row["err_code"], row["messages"], row["share"]) == (1, 5, 1.0)


def test_codes_come_in_order_with_those_that_have_none_last() -> None:
    rows = [message("failed", err_code=code) for code in (99, None, 2, 2)]
    found = metric_rows("errors", rows)
    assert [(r["err_code"], r["messages"], r["share"]) for r in found] == [
        (2, 2, 0.5),
        (99, 1, 0.25),
        (None, 1, 0.25),
    ]


@pytest.mark.parametrize("code", ERR_CODES, ids=lambda code: str(code.err_code))
def test_a_listed_code_is_explained(code: tuple[int, str, str, str]) -> None:
    row = only(metric_rows("errors", [message("failed", err_code=code[0])]))
    assert (row["err_code"], row["meaning"], row["kind"], row["advice"]) == code


def test_an_unlisted_code_passes_through_unexplained() -> None:
    row = only(metric_rows("errors", [message("failed", err_code=1301)]))
    assert (row["err_code"], row["meaning"], row["kind"], row["advice"]) == (1301, None, None, None)


def test_shares_add_up_within_each_group() -> None:
    rows = [message("failed", country="DE", err_code=code) for code in (1, 1, 1, 2)]
    rows += [message("failed", country="GB", err_code=1), message(country="US", err_code=0)]
    found = metric_rows("errors", rows, by="country")
    assert [(r["country"], r["err_code"], r["share"]) for r in found] == [
        ("DE", 1, 0.75),
        ("DE", 2, 0.25),
        ("GB", 1, 1.0),
    ]


def test_by_err_code_the_column_appears_once_and_its_share_is_of_all() -> None:
    rows = [message("failed", err_code=code, country="GB") for code in (1, 2)]
    found = metric_rows("errors", rows, by="err_code,country")
    assert [list(row)[:3] for row in found] == [["err_code", "country", "meaning"]] * 2
    assert [row["share"] for row in found] == [0.5, 0.5]


def test_without_undelivered_messages_there_is_one_row_of_nothing() -> None:
    row = only(metric_rows("errors", [message(), message("pending")]))
    assert row == dict.fromkeys(row, None) | {"messages": 0, "per_message": 0}


def test_without_undelivered_messages_no_group_has_a_row() -> None:
    assert metric_rows("errors", [message(country="GB")], by="country") == []
