"""``forecast``: the month of as of by currency, exact so far, and the documented gaps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import dlr_analytics as dlr
from dlr_analytics.analysis.database import Database
from dlr_analytics.errors import DlrError, UnreadableValue
from tests.support.data_directories import database
from tests.support.message_tables import message, metric_rows
from tests.support.pipelines import receipt

PRICE = Decimal("0.03330001")
END = dt.datetime(2026, 11, 18, 12)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """A message at 06:00 and one at 18:00 of each day, for 60 days until a noon."""
    times = [END - dt.timedelta(hours=6) - dt.timedelta(hours=12 * at) for at in range(120)]
    receipts = [
        receipt(f"m{number}", received_at=at, message_timestamp=at, price=PRICE)
        for number, at in enumerate(times)
    ]
    return database(tmp_path, *receipts)


def rows(db: Database, **asking: Any) -> list[dict[str, Any]]:
    found = db.forecast(**asking)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows()]


def only(db: Database, **asking: Any) -> dict[str, Any]:
    (row,) = rows(db, **asking)
    return row


def test_the_cost_so_far_is_exact_and_the_rest_goes_on(db: Database) -> None:
    row = only(db, as_of=END)
    assert (row["month"], row["currency"]) == (dt.date(2026, 11, 1), "EUR")
    assert row["cost"] == 35 * PRICE
    assert row["expected"] == pytest.approx(60 * PRICE)
    assert row["cost"] < row["low"] < row["expected"] < row["high"]


@pytest.mark.thorough
def test_the_rest_of_today_is_what_comes_later_in_the_day(db: Database) -> None:
    times = ("2026-11-17T05:59", "2026-11-17T06:00", "2026-11-17T17:00", "2026-11-17T23:59")
    expected = [only(db, as_of=at)["expected"] for at in times]
    assert [float(one) for one in expected] == pytest.approx([60 * float(PRICE)] * 4, rel=1e-6)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("tz", "as_of", "month", "messages"),
    [
        ("UTC", "2026-11-01T00:00Z", dt.date(2026, 11, 1), 0),
        ("America/New_York", "2026-11-01T00:00Z", dt.date(2026, 10, 1), 62),
        ("Asia/Kolkata", "2026-10-31T19:00Z", dt.date(2026, 11, 1), 0),
        ("Europe/London", "2026-10-31T23:59Z", dt.date(2026, 10, 1), 62),
    ],
)
def test_the_month_is_that_of_as_of_in_the_time_zone(
    db: Database, tz: str, as_of: str, month: dt.date, messages: int
) -> None:
    """The data begin on 19 September; New York is behind, Kolkata ahead, London's clocks change."""
    row = only(db, tz=tz, as_of=as_of)
    assert row["month"] == month
    assert row["cost"] == messages * PRICE


def test_it_is_null_below_14_days_of_history(db: Database) -> None:
    """The first day is 19 September."""
    assert only(db, as_of="2026-10-02")["expected"] is None
    assert only(db, as_of="2026-10-03T12:00")["expected"] is not None
    early = only(db, as_of="2026-09-25")
    assert early["cost"] > 0
    assert (early["expected"], early["low"], early["high"]) == (None, None, None)


def test_a_later_month_has_nothing_so_far_and_expects_nothing(db: Database) -> None:
    assert only(db, as_of="2026-12-20")["cost"] == 0
    assert only(db, as_of="2026-12-20")["expected"] is None
    assert rows(db, as_of="2027-03-01") == []


def test_the_last_month_of_the_calendar_is_refused(db: Database) -> None:
    with pytest.raises(UnreadableValue, match="as_of: the month of 9999-12-31 is the last"):
        rows(db, as_of="9999-12-31")


def test_currencies_are_rows_that_are_never_added() -> None:
    each = [message(price=PRICE, currency=currency) for currency in ("EUR", None, "GBP", "EUR")]
    found = metric_rows("forecast", each)
    assert [(row["currency"], row["cost"]) for row in found] == [
        ("EUR", 2 * PRICE),
        ("GBP", PRICE),
        (None, PRICE),
    ]


def test_messages_without_a_price_cost_nothing_that_is_known() -> None:
    assert metric_rows("forecast", [message(price=None)]) == []


def test_no_messages_have_no_row(tmp_path: Path) -> None:
    assert rows(database(tmp_path)) == []


def test_where_selects_messages(db: Database) -> None:
    assert only(db, as_of=END, where="hour(message_time) < 12")["cost"] == 18 * PRICE
    assert rows(db, where="price > 1") == []


def test_the_sample_is_answered_as_cost_is() -> None:
    sample = dlr.open("tests/data/sample")
    (month, currency, cost, *_) = sample.forecast().rows()[0]
    assert sample.cost(since=month).rows()[0][2:4] == (currency, cost)


@pytest.mark.parametrize(
    "wrong", [{"tz": "Mars"}, {"as_of": "soon"}, {"where": "price >"}, {"nonsense": 1}]
)
def test_what_cannot_be_read_is_a_clear_error(db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(DlrError):
        db.forecast(**wrong)
