"""Each definition of ``messages``, on receipts written out: one message, one rule a test."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dlr_analytics.store.sends import Send
from dlr_analytics.vocabulary import ALIASES, FINAL_STATUSES
from dlr_analytics.webhook.receipt import Receipt
from tests.support.contract import MESSAGE_COLUMNS
from tests.support.pipelines import LATER, NOON, after, derive, derive_one, receipt


def late_and_early(later: str | None, earlier: str | None) -> str:
    """The status of a message with these two receipts."""
    row = derive_one([receipt(status=earlier, seconds=0), receipt(status=later, seconds=1)])
    return str(row["status"])


def test_the_columns_are_the_contracts_in_their_order_and_one_more() -> None:
    assert list(derive_one([receipt()])) == [*MESSAGE_COLUMNS, "expected_se"]


# message


@pytest.mark.parametrize("spelling", ["0a", " 0A ", "0A\t", "\n0a"])
def test_an_id_is_matched_without_regard_to_case_and_surrounding_space(spelling: str) -> None:
    row = derive_one([receipt("0A", "accepted"), receipt(spelling, "delivered", 1)])
    assert (row["status"], row["receipts"], row["duplicates"]) == ("delivered", 2, 0)


def test_an_id_is_kept_as_first_written() -> None:
    row = derive_one([receipt("0a", "delivered", 1), receipt("0A ", "accepted", 0)])
    assert row["message_id"] == "0A "


def test_space_inside_an_id_tells_messages_apart() -> None:
    assert len(derive([receipt("0 A"), receipt("0A")])) == 2


def test_sends_without_receipts_are_messages_with_status_none() -> None:
    row = derive_one([], Send("0A", NOON, price=Decimal("0.05"), network_code="23410"))
    assert (row["status"], row["final"], row["receipts"]) == ("none", False, 0)
    assert (row["outcome"], row["country"], row["price"]) == ("silent", "GB", Decimal("0.05"))
    assert row["first_seen_at"] is row["final_at"] is row["err_code"] is None


def test_a_send_and_a_receipt_are_one_message_whatever_the_case() -> None:
    row = derive_one([receipt("0A")], Send(" 0a", NOON))
    assert (row["message_id"], row["sent_at_source"]) == ("0A", "sends")


# status


def test_nothing_late_takes_back_a_final_status() -> None:
    lates = ("accepted", "buffered", "unknown", "teleported", None)
    pairs = {f"{final} {late}": (final, late) for final in FINAL_STATUSES for late in lates}
    early = [receipt(pair, final) for pair, (final, _) in pairs.items()]
    told = derive([*early, *(receipt(pair, late, 1) for pair, (_, late) in pairs.items())])
    assert {pair: row["status"] for pair, row in told.items()} == {
        pair: final for pair, (final, _) in pairs.items()
    }


def test_the_latest_final_receipt_decides() -> None:
    assert late_and_early("failed", "delivered") == "failed"
    assert late_and_early("delivered", "failed") == "delivered"


@pytest.mark.thorough
@pytest.mark.parametrize("other", ["accepted", "buffered", "teleported"])
def test_without_a_final_one_unknown_decides(other: str) -> None:
    assert late_and_early(other, "unknown") == late_and_early("unknown", other) == "unknown"


def test_without_either_the_latest_decides_recognised_or_not() -> None:
    assert late_and_early("teleported", "accepted") == "teleported"
    assert late_and_early("accepted", "teleported") == "accepted"


def test_aliases_are_mapped() -> None:
    told = derive([receipt(alias.alias, alias.alias) for alias in ALIASES])
    assert {word: row["status"] for word, row in told.items()} == dict(ALIASES)


def test_a_receipt_without_status_is_a_message_that_is_not_final() -> None:
    row = derive_one([receipt(status=None, err_code=7)])
    assert (row["status"], row["final"], row["outcome"], row["err_code"]) == (
        None, False, "silent", 7,
    )  # fmt: skip


# latest


def test_latest_goes_by_message_timestamp_before_received_at() -> None:
    rows = [
        receipt(status="failed", received_at=after(100), message_timestamp=after(5)),
        receipt(status="delivered", received_at=after(50), message_timestamp=after(6)),
    ]
    assert derive_one(rows)["status"] == "delivered"


def test_of_equal_message_timestamps_the_later_arrival_is_latest() -> None:
    rows = [
        receipt(status="delivered", received_at=after(1), message_timestamp=NOON),
        receipt(status="failed", received_at=after(2), message_timestamp=NOON),
    ]
    assert derive_one(rows)["status"] == "failed"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("delivered", "failed"),
        ("failed", "rejected"),
        ("rejected", "expired"),
        ("accepted", "buffered"),
        ("accepted", "teleported"),
        ("buffered", "teleported"),
        ("absconded", "accepted"),
    ],
)
def test_a_full_tie_goes_by_the_contracts_order_then_by_name(first: str, second: str) -> None:
    one, other = receipt(status=first), receipt(status=second)
    assert derive_one([one, other])["status"] == derive_one([other, one])["status"] == first


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("moment", "is_plausible"),
    [
        (None, False),
        (dt.datetime(1999, 12, 31, 23, 59, 59), False),
        (dt.datetime(2000, 1, 1), True),
        (after(hours=24), True),
        (after(hours=24, microseconds=1), False),
    ],
)
def test_an_implausible_message_timestamp_is_replaced_by_the_arrival(
    moment: dt.datetime | None, is_plausible: bool
) -> None:
    row = derive_one([receipt(message_timestamp=moment)], as_of=LATER)
    assert row["message_time"] == (moment if is_plausible else NOON)


def test_an_implausible_message_timestamp_is_named_and_measures_nothing() -> None:
    row = derive_one([receipt(message_timestamp=dt.datetime(1970, 1, 1))], Send("0A", NOON))
    assert row["problems"] == ["message_timestamp_implausible"]
    assert row["push_latency_s"] is None


def test_an_implausible_message_timestamp_gives_no_stand_in() -> None:
    row = derive_one([receipt(status="accepted", message_timestamp=dt.datetime(1970, 1, 1))])
    assert (row["sent_at"], row["sent_at_source"], row["message_time"]) == (None, None, NOON)


# duplicates


def test_equal_receipts_count_as_duplicates_and_change_nothing_else() -> None:
    first = receipt(seconds=5)
    again = receipt(seconds=5, received_at=after(65), price=Decimal(9), sender="other", api_key="x")
    once, twice = derive_one([first]), derive_one([again, first])
    assert (twice["receipts"], twice["duplicates"]) == (2, 1)
    assert {**twice, "receipts": 1, "duplicates": 0} == once


def test_the_first_of_equal_receipts_by_message_timestamp_speaks_for_all() -> None:
    first = receipt(message_timestamp=after(4), received_at=after(90), sender="first")
    again = receipt(message_timestamp=after(64), received_at=after(70), sender="again")
    row = derive_one([again, first], Send("0A", NOON))
    assert (row["sender"], row["push_latency_s"], row["final_at"]) == ("first", 4, after(90))


def test_an_alias_is_a_duplicate_of_its_status() -> None:
    assert derive_one([receipt(), receipt(status="delivrd", seconds=1)])["duplicates"] == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    "other",
    [{"err_code": 1}, {"err_code": None}, {"scts_raw": "2611031200"}, {"status": "failed"}],
)
def test_another_status_err_code_or_scts_is_no_duplicate(other: dict[str, object]) -> None:
    row = derive_one([receipt(), receipt(**({"status": "delivered", "seconds": 1} | other))])  # type: ignore[arg-type]
    assert row["duplicates"] == 0


def test_null_equals_null_among_duplicates() -> None:
    bare = receipt(status=None, err_code=None)
    assert derive_one([bare, bare, bare])["duplicates"] == 2


def test_a_retried_push_with_a_time_of_its_own_moves_no_latency() -> None:
    rows = [receipt(seconds=4), receipt(seconds=64), receipt(seconds=124)]
    row = derive_one(rows, Send("0A", NOON))
    assert (row["push_latency_s"], row["duplicates"]) == (4, 2)
    assert row["last_seen_at"] == row["first_seen_at"] == row["final_at"] == after(4)


# where receipts disagree


def test_a_field_comes_from_the_deciding_receipt_else_the_latest_else_sends() -> None:
    fields = ("msisdn", "sender", "network_code", "client_ref", "api_key")
    cases = {
        "deciding": ("earliest", "deciding", "latest"),
        "latest": ("earliest", None, "latest"),
        "earliest": ("earliest", None, None),
        "sends": (None, None, None),
    }
    receipts = [
        receipt(case, status, seconds, **dict.fromkeys(fields, value))
        for case, values in cases.items()
        for seconds, (status, value) in enumerate(
            zip(("accepted", "delivered", "buffered"), values, strict=True)
        )
    ]
    known = dict.fromkeys(fields[:-1], "sends")
    told = derive(receipts, [Send(case, NOON, **known) for case in cases])  # type: ignore[arg-type]
    for case in cases:
        assert {field: told[case][field] for field in fields[:-1]} == dict.fromkeys(known, case)
    assert [told[case]["api_key"] for case in cases] == ["deciding", "latest", "earliest", None]


def test_the_latest_that_has_one_goes_by_message_timestamp() -> None:
    rows = [
        receipt(status="accepted", message_timestamp=after(2), received_at=after(3), sender="two"),
        receipt(status="buffered", message_timestamp=after(1), received_at=after(9), sender="one"),
        receipt(seconds=10, sender=None),
    ]
    assert derive_one(rows)["sender"] == "two"


def test_final_at_is_the_first_arrival_of_a_final_receipt() -> None:
    rows = [receipt(status="failed", seconds=5), receipt(seconds=9), receipt(status="accepted")]
    assert derive_one(rows)["final_at"] == after(5)
    assert derive_one(rows[2:])["final_at"] is None


def test_the_price_is_the_deciding_receipts_and_a_disagreement_is_named() -> None:
    rows = [
        receipt(status="accepted", price=Decimal("0.04")),
        receipt(seconds=1, price=Decimal("0.03330001")),
    ]
    row = derive_one(rows)
    assert row["price"] == Decimal("0.03330001")
    assert row["problems"] == ["prices_disagree"]


def test_equal_prices_and_missing_ones_do_not_disagree() -> None:
    rows = [receipt(status="accepted"), receipt(status="buffered", price=None), receipt(seconds=1)]
    assert derive_one(rows)["problems"] == []


def test_scts_comes_from_the_deciding_receipt_only() -> None:
    rows = [receipt(status="accepted", scts=NOON), receipt(seconds=1)]
    assert derive_one(rows)["scts"] is None


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("status", "err_code"),
    [("accepted", None), ("acceptd", None), ("buffered", None), ("unknown", 1), ("teleported", 1)],
)
def test_err_code_is_null_while_accepted_or_buffered(status: str, err_code: int | None) -> None:
    assert derive_one([receipt(status=status, err_code=1)])["err_code"] == err_code


def test_problems_of_all_receipts_are_named_once_in_order_of_name() -> None:
    rows = [
        receipt(status="accepted", problems=("scts_missing", "price_comma")),
        receipt(seconds=1, problems=("scts_missing",)),
        receipt(seconds=2, problems=("text_not_utf8",)),  # a duplicate: changes nothing
    ]
    assert derive_one(rows)["problems"] == ["price_comma", "scts_missing"]


# currency


def test_the_currency_is_what_the_messages_api_says() -> None:
    raw = '{"message_uuid":"0A","usage":{"currency":"usd","price":"0.03"}}'
    row = derive_one([receipt(source="messages", raw=raw)], Send("0A", NOON, currency="GBP"))
    assert row["currency"] == "USD"


def test_the_currency_is_else_what_the_sends_say_else_the_setting() -> None:
    assert derive_one([receipt()], Send("0A", NOON, currency="GBP"))["currency"] == "GBP"
    assert derive_one([receipt()], currency="CHF")["currency"] == "CHF"


def test_a_currency_inside_other_text_is_none() -> None:
    raw = '{"client_ref":"{\\"usage\\":{\\"currency\\":\\"USD\\"}}"}'
    assert derive_one([receipt(source="messages", raw=raw)])["currency"] == "EUR"


# sent_at and message_time


def test_send_times_have_their_precedence() -> None:
    ref = "order-1793707190"  # 10 s before noon
    rows = [receipt(status="accepted", seconds=1, client_ref=ref), receipt(seconds=5)]
    pattern = r"-(?P<epoch>\d+)$"
    reports = Send("0A", after(-20), source="reports")
    log = [Send("0A", after(-28)), Send("0A", after(-30))]

    def told(*sends: Send, by: str | None = pattern) -> tuple[object, object]:
        row = derive_one(rows, *sends, pattern=by)
        return row["sent_at_source"], row["sent_at"]

    assert told(reports, *log) == ("sends", after(-30))
    assert told(reports) == ("reports", after(-20))
    assert told() == ("client_ref", after(-10))
    assert told(by=None) == ("accepted", after(1))


def test_without_any_send_time_the_first_receipt_stands_for_it() -> None:
    row = derive_one([receipt(seconds=9), receipt(status="failed", seconds=4)])
    assert (row["sent_at"], row["sent_at_source"]) == (None, None)
    assert row["message_time"] == after(4)


def test_a_known_send_time_is_the_time_axis_whatever_came_before_it() -> None:
    assert derive_one([receipt(seconds=-5)], Send("0A", NOON))["message_time"] == NOON


def test_send_times_more_than_five_minutes_apart_are_named() -> None:
    reports = Send("0A", after(300), source="reports")
    assert derive_one([], Send("0A", NOON), reports)["problems"] == []
    row = derive_one([], Send("0A", NOON), Send("0A", after(300.000001), source="reports"))
    assert row["problems"] == ["send_times_disagree"]


def test_parts_of_an_sms_come_from_the_send_log() -> None:
    row = derive_one([receipt()], Send("0A", NOON, sms_id="S", part=2, parts=3))
    assert (row["sms_id"], row["part"], row["parts"]) == ("S", 2, 3)


# latencies


@pytest.mark.parametrize(("pushed", "seconds"), [(4, 4), (4.999, 4), (-0.001, -1), (-1, -1)])
def test_push_latency_is_rounded_down_and_may_be_negative(pushed: float, seconds: int) -> None:
    row = derive_one([receipt(seconds=pushed)], Send("0A", NOON))
    assert row["push_latency_s"] == seconds


def test_only_delivered_messages_have_a_latency() -> None:
    assert derive_one([receipt(status="failed")], Send("0A", NOON))["push_latency_s"] is None


@pytest.mark.parametrize(("hours", "named"), [(86, []), (87, ["times_contradict"])])
def test_times_more_than_86_hours_apart_are_measured_by_nobody(
    hours: int, named: list[str]
) -> None:
    row = derive_one([receipt(scts=after(hours=hours))], Send("0A", NOON))
    assert row["problems"] == named
    assert row["push_latency_s"] == (None if named else 0)


def test_the_documentations_edited_example_is_flagged_and_not_measured() -> None:
    row = derive_one(
        [
            receipt(
                scts=dt.datetime(2018, 10, 25, 13, 10),
                received_at=dt.datetime(2020, 10, 25, 12, 10, 30),
                message_timestamp=dt.datetime(2020, 10, 25, 12, 10, 29),
            )
        ],
        Send("0A", dt.datetime(2020, 10, 25, 12, 10, 20)),
    )
    assert row["problems"] == ["times_contradict"]
    assert row["push_latency_s"] is row["latency_s"] is row["scts_offset_min"] is None


def an_hour_ahead(first: int = -60, last: int = 60) -> list[Receipt]:
    """Receipts of one network whose clock is an hour ahead, one every ten minutes around noon."""
    return [
        receipt(f"{i}", seconds=600 * i, scts=after(600 * i - 1, hours=1).replace(second=0))
        for i in range(first, last)
    ]


def test_once_the_offset_is_known_scts_gives_the_latency() -> None:
    subject = receipt("subject", seconds=130, scts=after(120, hours=1))
    row = derive([*an_hour_ahead(), subject], [Send("subject", after(50))])["subject"]
    assert (row["scts_offset_min"], row["scts_utc"]) == (60, after(120))
    assert (row["latency_s"], row["push_latency_s"]) == (70, 80)


def test_more_than_72_hours_apart_once_the_offset_is_known_is_named_and_measured_by_nobody() -> (
    None
):
    subject = receipt("subject", scts=after(hours=-71.5))
    row = derive([*an_hour_ahead(-500), subject], [Send("subject", after(hours=-80))])["subject"]
    assert row["scts_offset_min"] == 60
    assert row["problems"] == ["times_contradict"]
    assert row["latency_s"] is row["push_latency_s"] is None


def test_below_twenty_receipts_the_offset_is_not_told() -> None:
    rows = derive(an_hour_ahead(0, 19)).values()
    assert {row["scts_offset_min"] for row in rows} == {None}


# networks


def test_an_unlisted_network_has_the_country_of_its_mcc_and_is_named() -> None:
    row = derive_one([receipt(network_code="23499")])
    assert (row["country"], row["network"], row["problems"]) == ("GB", None, ["network_unknown"])


def test_an_unknown_mcc_and_a_code_that_is_no_number_have_no_country() -> None:
    for code in ("99999", "twilio", "234101x"):
        assert derive_one([receipt(network_code=code)])["country"] is None


def test_a_missing_network_is_not_an_unknown_one() -> None:
    row = derive_one([receipt(network_code=None)])
    assert (row["country"], row["problems"]) == (None, [])


# as of, outcome


def test_as_of_leaves_out_what_was_received_after_it() -> None:
    rows = [receipt(status="accepted"), receipt(seconds=60)]
    assert derive_one(rows, as_of=after(59), given=True)["status"] == "accepted"
    assert derive_one(rows, as_of=after(60), given=True)["status"] == "delivered"


def test_as_of_leaves_out_sends_after_it_that_have_no_receipt() -> None:
    sends = [Send("0A", after(10)), Send("0B", after(11)), Send("0C", after(10))]
    told = derive([receipt("0B")], sends, as_of=after(9), given=True)
    assert list(told) == ["0B"]
    assert told["0B"]["sent_at"] == after(11)
    assert len(derive([receipt("0B")], sends, as_of=after(9))) == 3
    assert len(derive([receipt("0B")], sends, as_of=after(10), given=True)) == 3


OUTCOMES = {
    "delivered": ("delivered", "delivered"),
    "failed": ("failed", "failed"),
    "expired": ("expired", "expired"),
    "rejected": ("rejected", "rejected"),
    "unknown": ("pending", "unknown"),
    "accepted": ("pending", "silent"),
    "teleported": ("pending", "silent"),
    None: ("pending", "silent"),
}
"""By status: the outcome until 72 hours are over, and then."""


def test_each_message_has_one_outcome_and_is_mature_after_72_hours() -> None:
    rows = [receipt(f"{status}", status) for status in OUTCOMES]
    until = derive(rows, as_of=after(hours=72))
    then = derive(rows, as_of=after(hours=72, microseconds=1))
    assert {
        status: (until[f"{status}"]["outcome"], then[f"{status}"]["outcome"]) for status in OUTCOMES
    } == OUTCOMES
