"""``changes``: from messages to rows, by groups, with the documented gaps."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import STUDIES
from dlr_analytics.errors import UnknownName, UsageError
from tests.support.data_directories import database, receive
from tests.support.message_tables import NOON, message, metric_rows
from tests.support.pipelines import receipt

START = dt.datetime(2026, 10, 20)
CHANGE = dt.datetime(2026, 10, 31, 9)
DAYS = 20


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Two networks; one of them delivers everything until the change, half from then."""
    rng = random.Random(5)
    folder = tmp_path_factory.mktemp("data")
    receipts = []
    for number in range(DAYS * 24 * 6):
        at = START + dt.timedelta(minutes=10 * number, seconds=30)
        broken = number % 2 and at >= CHANGE and rng.random() < 0.5
        receipts.append(
            receipt(
                f"m{number}",
                "failed" if broken else "delivered",
                received_at=at,
                message_timestamp=at,
                network_code="26201" if number % 2 else "23410",
                sender="Once" if number < 100 else "Acme",
            )
        )
    receive(folder, receipts)
    return database(folder)


def rows(db: Database, **asking: Any) -> list[dict[str, Any]]:
    found = db.changes(**asking)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows()]


def test_a_change_of_one_network_is_a_row_of_its_group(db: Database) -> None:
    (row,) = rows(db, by="network_code")
    assert row["network_code"] == "26201"
    assert abs(row["changed_at"] - CHANGE) <= dt.timedelta(hours=2)
    assert row["earliest"] <= CHANGE <= row["latest"]
    assert (row["value_before"], row["messages_before"] + row["messages"]) == (1.0, DAYS * 72)
    assert row["value"] == pytest.approx(0.5, abs=0.05)
    assert row["difference"] == row["value"] - row["value_before"]


def test_the_values_are_the_delivery_rates_before_and_after(db: Database) -> None:
    (row,) = rows(db, by="network_code")
    only = {"where": "network_code = '26201'"}
    (before,) = db.delivery_rate(until=row["changed_at"], **only).df().to_dict("records")
    (after,) = db.delivery_rate(since=row["changed_at"], **only).df().to_dict("records")
    assert row["value_before"] == pytest.approx(before["delivery_rate"])
    assert row["value"] == pytest.approx(after["delivery_rate"])
    assert (row["messages_before"], row["messages"]) == (before["messages"], after["messages"])


def test_without_by_all_messages_are_one_group(db: Database) -> None:
    result = db.changes()
    assert result.columns == tuple(STUDIES["changes"].columns)
    (row,) = result.rows()
    assert row[-1] + row[-2] == DAYS * 144


def test_the_largest_change_comes_first(tmp_path: Path) -> None:
    falls = {"23410": 0.6, "26201": 0.2, "28603": 0.4}
    receipts = []
    for code, rate in falls.items():
        rng = random.Random(code)
        for number in range(DAYS * 24 * 3):
            at = START + dt.timedelta(minutes=20 * number)
            fails = at >= CHANGE and rng.random() > rate
            times: dict[str, Any] = {
                "received_at": at,
                "message_timestamp": at,
                "network_code": code,
            }
            status = "failed" if fails else "delivered"
            receipts.append(receipt(f"{code}{number}", status, **times))
    receive(tmp_path, receipts)
    found = rows(database(tmp_path), by="network_code")
    assert [row["network_code"] for row in found] == ["26201", "28603", "23410"]


def test_a_group_with_messages_on_fewer_than_8_days_has_none(db: Database) -> None:
    assert rows(db, by="sender", since=CHANGE - dt.timedelta(days=3), until="2026-11-04") == []
    assert {row["sender"] for row in rows(db, by="sender")} == {"Acme"}
    assert rows(db, by="message_id") == []


def test_no_messages_have_no_change(db: Database, tmp_path: Path) -> None:
    assert rows(db, where="country = 'FR'") == []
    assert rows(database(tmp_path)) == []


@pytest.mark.parametrize("tz", ["Asia/Kolkata", "Europe/London", "America/New_York"])
def test_days_begin_in_the_time_zone_and_times_are_utc(db: Database, tz: str) -> None:
    """The clocks of London change within the course; Kolkata's days begin on a half hour."""
    (row,) = rows(db, by="network_code", tz=tz)
    assert abs(row["changed_at"] - CHANGE) <= dt.timedelta(hours=2)


def test_messages_whose_outcome_cannot_be_estimated_are_left_out() -> None:
    each = [message(message_time=NOON + dt.timedelta(days=day)) for day in range(9)]
    pending = [message("pending", message_time=NOON)]
    found = metric_rows("changes", each + pending)
    assert [(row["messages"], row["hour_delivered"]) for row in found] == [(1, 1.0)] * 9


def test_hours_are_counted_by_group_with_expected_as_a_sum() -> None:
    each = [
        message(message_time=NOON + dt.timedelta(days=day), expected=0.25, country="GB")
        for day in range(8)
        for _ in range(2)
    ]
    few = [message(country="DE")]
    found = metric_rows("changes", each + few, by="country")
    assert {row["country"] for row in found} == {"GB"}
    assert [(row["messages"], row["hour_delivered"]) for row in found] == [(2, 0.5)] * 8


def test_an_expression_may_have_any_name_but_those_of_the_columns(db: Database) -> None:
    (row,) = rows(db, by={"sent": "network_code"})
    assert row["sent"] == "26201"
    with pytest.raises(UsageError, match="changes already has the name value"):
        db.changes(by={"value": "network_code"})


def test_a_period_may_be_a_time_before_as_of(db: Database) -> None:
    assert rows(db, by="network_code", since="20d") == rows(db, by="network_code")


@pytest.mark.parametrize("by", ["nonsense", "changed_at"])
def test_an_unknown_column_is_an_error(db: Database, by: str) -> None:
    with pytest.raises(UnknownName):
        db.changes(by=by)
