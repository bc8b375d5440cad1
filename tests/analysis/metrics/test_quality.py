"""``quality``: what is wrong with the data or missing from it, told by whole data directories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.flaws import FLAWS
from dlr_analytics.webhook.receipt import Receipt
from tests.support.data_directories import database
from tests.support.pipelines import NOON, after, receipt

Row = dict[str, Any]
ByProblem = dict[str, Row]
Ask = Callable[..., ByProblem]

SEND = {"message_id": "0A", "sent_at": NOON}


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The rows of ``quality`` over these receipts and sends, by problem."""

    def ask(*receipts: Receipt, sends: tuple[Row, ...] = (), **asking: Any) -> ByProblem:
        db = database(tmp_path, *receipts)
        db.record_sends(sends)
        return by_problem(db, **asking)

    return ask


def by_problem(db: Database, **asking: Any) -> ByProblem:
    result = db.quality(**asking)
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
    return {row["problem"]: row for row in rows}


def counts(found: ByProblem) -> dict[str, tuple[int, int | None]]:
    """Messages and receipts of each problem that is there."""
    return {
        name: (row["messages"], row["in_receipts"])
        for name, row in found.items()
        if row["messages"]
    }


def clean(message_id: str = "0A", **fields: Any) -> Receipt:
    """A delivered receipt with nothing wrong but the offset, which no single receipt tells."""
    return receipt(message_id, seconds=5, scts=NOON, **fields)


OF_ONE = {"offset_unknown": (1, None)}


def test_a_clean_message_has_none_of_them(ask: Ask) -> None:
    assert counts(ask(clean(), sends=(SEND,))) == OF_ONE


def test_without_by_every_problem_has_its_row_in_order(ask: Ask) -> None:
    found = ask(clean(), sends=(SEND,))
    assert list(found) == [flaw.problem for flaw in FLAWS]
    assert found["price_missing"]["share"] == 0
    assert found["price_missing"]["example"] is None


def test_of_nothing_every_share_is_null(ask: Ask) -> None:
    assert {row["share"] for row in ask().values()} == {None}


def test_with_by_only_what_was_found_is_told(ask: Ask) -> None:
    assert list(ask(clean(), sends=(SEND,), by="country")) == ["offset_unknown"]


def test_a_row_says_what_the_problem_means_does_and_where_to_see_it(ask: Ask) -> None:
    row = ask(clean("0B"), clean("0A"), sends=(SEND,))["send_missing"]
    flaw = next(flaw for flaw in FLAWS if flaw.problem == "send_missing")
    assert (row["meaning"], row["effect"]) == (flaw.meaning, flaw.effect)
    assert (row["messages"], row["share"], row["example"]) == (1, 0.5, "0B")


def test_repeated_receipts_are_counted_each(ask: Ask) -> None:
    found = ask(clean(), clean(received_at=after(60)), clean(received_at=after(90)), sends=(SEND,))
    assert counts(found)["receipt_repeated"] == (1, 2)


def test_a_receipt_is_out_of_order_where_a_later_one_came_first(ask: Ask) -> None:
    late = receipt("0A", "accepted", 2, scts=NOON, received_at=after(30))
    assert counts(ask(clean(), late, sends=(SEND,)))["receipt_out_of_order"] == (1, 1)


def test_a_repeated_receipt_is_not_out_of_order_too(ask: Ask) -> None:
    accepted = receipt("0A", "accepted", 2, scts=NOON)
    again = receipt("0A", "accepted", 2, scts=NOON, received_at=after(30))
    found = counts(ask(accepted, clean(), again, sends=(SEND,)))
    assert "receipt_out_of_order" not in found
    assert found["receipt_repeated"] == (1, 1)


@pytest.mark.parametrize(("sent", "early"), [(5.9, False), (6, True)])
def test_a_receipt_is_before_its_send_where_its_whole_second_is(
    ask: Ask, sent: float, early: bool
) -> None:
    found = ask(clean(), sends=({"message_id": "0A", "sent_at": after(sent)},))
    assert ("receipt_before_send" in counts(found)) is early


def test_the_stand_in_puts_no_receipt_before_its_send(ask: Ask) -> None:
    found = counts(ask(receipt("0A", "accepted", 9, scts=NOON), clean()))
    assert found["send_time_stand_in"] == (1, None)
    assert "receipt_before_send" not in found


@pytest.mark.parametrize(("hours", "late"), [(72, False), (72.1, True)])
def test_a_receipt_is_late_where_it_arrives_over_72_hours_after_sending(
    ask: Ask, hours: float, late: bool
) -> None:
    found = ask(clean(received_at=after(hours=hours)), sends=(SEND,))
    assert ("receipt_late" in counts(found)) is late


def test_sends_without_receipt_and_receipts_without_send_are_told_apart(ask: Ask) -> None:
    found = counts(ask(clean("0B"), sends=(SEND,)))
    assert found["receipt_missing"] == (1, None)
    assert found["send_missing"] == (1, None)
    assert found["send_time_missing"] == (1, None)


def test_a_send_is_matched_without_regard_to_case_and_space(ask: Ask) -> None:
    assert counts(ask(clean(" 0a "), sends=(SEND,))) == OF_ONE


def test_what_a_receipt_s_problems_name_is_counted_by_receipt_and_by_message(ask: Ask) -> None:
    odd: dict[str, Any] = {"price": None, "problems": ("price_missing",)}
    accepted = receipt("0A", "accepted", 2, scts=NOON, **odd)
    found = counts(ask(accepted, clean(**odd), clean("0B"), sends=(SEND,)))
    assert found["price_missing"] == (1, 2)
    assert found["price_unknown"] == (1, None)


def test_a_price_that_another_receipt_has_is_known(ask: Ask) -> None:
    odd = receipt("0A", "accepted", 2, scts=NOON, price=None, problems=("price_missing",))
    found = counts(ask(odd, clean(), sends=(SEND,)))
    assert found["price_missing"] == (1, 1)
    assert "price_unknown" not in found


def test_disagreeing_prices_are_a_thing_of_the_message(ask: Ask) -> None:
    other = receipt("0A", "accepted", 2, scts=NOON, price=Decimal("0.04"))
    assert counts(ask(clean(), other, sends=(SEND,)))["prices_disagree"] == (1, None)


def test_what_only_a_repeated_receipt_says_does_not_count(ask: Ask) -> None:
    again = clean(received_at=after(60), price=None, problems=("price_missing",))
    assert "price_missing" not in counts(ask(clean(), again, sends=(SEND,)))


def test_the_edited_example_of_the_documentation_is_contradictory(ask: Ask) -> None:
    edited = receipt(
        scts=dt.datetime(2018, 10, 25, 13, 10),
        message_timestamp=dt.datetime(2020, 10, 25, 12, 10, 29),
        problems=("times_contradict",),
    )
    found = counts(ask(edited))
    assert found["times_contradict"] == (1, 1)
    assert "offset_unknown" not in found


def test_unknown_networks_and_missing_codes_are_told_apart(ask: Ask) -> None:
    rows = [clean(network_code="23499"), clean("0B", network_code=None)]
    found = counts(ask(*rows))
    assert found["network_unknown"] == (1, None)
    assert found["network_code_missing"] == (1, None)


def test_what_was_asked_chooses_the_messages(ask: Ask) -> None:
    rows = [clean("0A"), clean("0B", network_code="26201")]
    found = ask(*rows, where="country = 'DE'")
    assert (found["send_missing"]["messages"], found["send_missing"]["example"]) == (1, "0B")
    assert counts(ask(since="2026-11-04")) == {}


PARTS = tuple(
    {"message_id": name, "sent_at": NOON, "sms_id": "S", "part": at, "parts": 2}
    for at, name in enumerate(("0A", "0B"), start=1)
)
ODD = {"price": None, "problems": ("price_missing",)}


def test_an_sms_shows_what_any_of_its_parts_does(ask: Ask) -> None:
    rows = [clean("0A", **ODD), clean("0B", **ODD), clean("0C")]
    assert counts(ask(*rows, sends=PARTS))["price_missing"] == (2, 2)
    by_sms = ask(unit="sms")["price_missing"]
    assert (by_sms["messages"], by_sms["in_receipts"], by_sms["share"]) == (1, 2, 0.5)


def test_what_only_a_repeated_receipt_of_a_part_says_counts_in_no_sms(ask: Ask) -> None:
    rows = [clean("0A", **ODD), clean("0B"), clean("0B", received_at=after(60), **ODD)]
    assert counts(ask(*rows, sends=PARTS))["price_missing"] == (1, 1)
    assert counts(ask(unit="sms"))["price_missing"] == (1, 1)


def test_by_any_column_groups_are_told_apart(ask: Ask) -> None:
    db_rows = [clean("0A"), clean("0B", network_code="26201"), clean("0C", network_code="26201")]
    ask(*db_rows)
    found = ask(by="problems,sms_id,network_code")
    assert found["send_missing"]["share"] == 1
