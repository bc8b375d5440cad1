"""``expected``: what becomes of the pending, from mature messages written out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from dlr_analytics.analysis.messages.parameters import DerivationParameters
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import Receipt
from tests.support.pipelines import after, create_messages, engine, receipt, table

AS_OF = after(days=10)
DAY = 86_400


def mature(
    count: int, *, status: str = "delivered", after_s: float = 0, **fields: Any
) -> list[Receipt]:
    """Messages sent at noon whose final receipt came so long after."""
    name = f"{fields.get('network_code')}-{status}-{after_s}"
    rows = []
    for i in range(count):
        rows.append(receipt(f"{name}-{i}", "accepted", **fields))
        if status != "accepted":
            rows.append(receipt(f"{name}-{i}", status, seconds=after_s, **fields))
    return rows


def pending(age_s: float, message_id: str = "pending", **fields: Any) -> Receipt:
    """A message accepted so long before the moment asked about."""
    at = AS_OF - dt.timedelta(seconds=age_s)
    return receipt(message_id, "accepted", received_at=at, message_timestamp=at, **fields)


def told(receipts: Sequence[Receipt], *sends: Send) -> tuple[dict[str, Any], dict[str, Any]]:
    """``expected`` of each message, and the row of ``nowcast`` of each pending one."""
    made = engine(receipts, sends)
    create_messages(made, DerivationParameters(AS_OF))
    rows = {row["message_id"]: row["expected"] for row in table(made, "messages")}
    return rows, {row["message_id"]: row for row in table(made, "nowcast")}


def test_the_settled_are_not_foreseen() -> None:
    rows, nowcast = told([receipt("d"), receipt("f", "failed"), receipt("s", "accepted")])
    assert rows == {"d": 1.0, "f": 0.0, "s": 0.0}
    assert nowcast == {}


def test_a_pending_one_is_expected_as_the_mature_that_were_pending_at_its_age() -> None:
    world = [
        *mature(80, after_s=5),
        *mature(12, after_s=DAY),
        *mature(4, status="failed", after_s=DAY),
        *mature(4, status="accepted"),
    ]
    rows, nowcast = told([*world, pending(3600)])
    assert rows["pending"] == 12 / 20
    assert nowcast["pending"]["still_pending"] == 20
    assert nowcast["pending"]["se"] == pytest.approx((0.6 * 0.4 / 20) ** 0.5)


@pytest.mark.parametrize(("age", "expected"), [(59.999999, 1.0), (60, 0.0), (60.000001, 0.0)])
def test_who_was_final_at_exactly_that_age_was_not_pending_any_more(
    age: float, expected: float
) -> None:
    world = [*mature(90, after_s=5), *mature(10, after_s=60)]
    assert told([*world, pending(age)])[0]["pending"] == expected


def test_where_none_was_pending_so_long_nothing_is_expected_and_nothing_sure() -> None:
    rows, nowcast = told([*mature(100, after_s=5), pending(3600)])
    assert rows["pending"] == 0.0
    assert nowcast["pending"]["still_pending"] == 0
    assert nowcast["pending"]["se"] == 1.0


def test_a_network_with_a_hundred_mature_messages_goes_by_its_own() -> None:
    own = mature(100, after_s=DAY, network_code="23410")
    others = mature(300, status="failed", after_s=DAY, network_code="26201")
    rows, nowcast = told([*own, *others, pending(3600, network_code="23410")])
    assert (rows["pending"], nowcast["pending"]["still_pending"]) == (1.0, 100)


def test_a_network_with_fewer_goes_by_all_networks() -> None:
    own = mature(99, after_s=DAY, network_code="23410")
    others = mature(1, status="failed", after_s=DAY, network_code="26201")
    rows, nowcast = told([*own, *others, pending(3600, network_code="23410")])
    assert (rows["pending"], nowcast["pending"]["still_pending"]) == (0.99, 100)


def test_with_fewer_than_a_hundred_at_all_nothing_is_told() -> None:
    rows, nowcast = told([*mature(99, after_s=DAY), pending(3600)])
    assert rows["pending"] is None
    assert nowcast == {}


def test_a_missing_network_is_a_group_like_any_other() -> None:
    nowhere = mature(100, after_s=DAY, network_code=None)
    others = mature(300, status="failed", after_s=DAY, network_code="26201")
    assert told([*nowhere, *others, pending(3600, network_code=None)])[0]["pending"] == 1.0


def test_final_messages_of_the_last_72_hours_foresee_nothing() -> None:
    young = [
        receipt(f"young {i}", "failed", received_at=AS_OF, message_timestamp=AS_OF)
        for i in range(500)
    ]
    assert told([*mature(100, after_s=DAY), *young, pending(3600)])[0]["pending"] == 1.0


def test_a_send_after_the_newest_receipt_is_pending_at_every_age() -> None:
    world = [*mature(50, after_s=5), *mature(50, status="failed", after_s=5)]
    assert (
        told(world, Send("sent", AS_OF + dt.timedelta(seconds=30), network_code="23410"))[0]["sent"]
        == 0.5
    )
