"""Codes that became floats are restored where no zero can be lost, else refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.importers.fields import quoted
from dlr_analytics.importers.submit_responses import NOT_SENT
from dlr_analytics.importers.tally import Refused
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import Receipt
from tests.importers.records import LAYOUTS, REPORT, SENT, SMS, columns, receipts, sends

Layout = Callable[..., str]
LAYOUT = st.sampled_from(list(LAYOUTS.values()))
ZEROS = st.sampled_from([".0", ".00", ",0"])
CERTAIN = {
    "SMS": (SMS, ["msisdn", "network-code", "err-code", "scts"]),
    "report": (REPORT, ["to", "network", "error_code"]),
}
UNCERTAIN = {
    "SMS": (SMS, ["messageId", "to", "api-key"]),
    "report": (REPORT, ["message_id", "from", "account_id"]),
}


@pytest.mark.parametrize("kind", CERTAIN)
@given(layout=LAYOUT, zeros=ZEROS, data=st.data())
def test_a_code_that_lost_nothing_is_restored(
    kind: str, layout: Layout, zeros: str, data: st.DataObject
) -> None:
    record, names = CERTAIN[kind]
    name = data.draw(st.sampled_from(names))
    (found,) = receipts(layout(record | {name: record[name] + zeros}))
    (expected,) = receipts(layout(record))
    assert columns(found) == columns(expected)
    assert isinstance(found, Receipt)
    assert record[name] + zeros not in found.raw


@pytest.mark.parametrize("kind", UNCERTAIN)
@given(layout=LAYOUT, zeros=ZEROS, number=st.integers(0, 10**15), data=st.data())
def test_a_code_that_may_have_lost_zeros_is_refused(
    kind: str, layout: Layout, zeros: str, number: int, data: st.DataObject
) -> None:
    record, names = UNCERTAIN[kind]
    name = data.draw(st.sampled_from(names))
    (found,) = receipts(layout(record | {name: f"{number}{zeros}"}))
    assert isinstance(found, Refused)
    assert f"{quoted(f'{number}{zeros}')} was turned into a number by a spreadsheet" in found.reason


@pytest.mark.parametrize("network", ["101.0", "1001.0", "12345.0", "2341012.0"])
def test_a_network_that_is_none_is_refused(network: str) -> None:
    for found in (receipts(json.dumps(SMS | {"network-code": network})),):
        assert isinstance(found[0], Refused)


def test_a_client_reference_and_a_price_are_kept() -> None:
    (found,) = receipts(json.dumps(SMS | {"client-ref": "12.0", "price": "1.0"}))
    assert isinstance(found, Receipt)
    assert (found.client_ref, str(found.price)) == ("12.0", "1.00000000")


@given(layout=LAYOUT, zeros=ZEROS)
def test_send_records_follow_the_same_rule(layout: Layout, zeros: str) -> None:
    floats = {name: SENT[name] + zeros for name in ("to", "network_code")}
    assert sends(layout(SENT | floats)) == sends(layout(SENT))
    (refused,) = sends(layout(SENT | {"from": "12345" + zeros}))
    assert isinstance(refused, Refused)


def test_a_part_whose_status_became_a_float_is_no_message() -> None:
    assert sends(json.dumps(SENT | {"status": "4.0"})) == [NOT_SENT]
    (sent,) = sends(json.dumps(SENT | {"status": "0.0", "part": "1.0", "parts": "2.0"}))
    assert isinstance(sent, Send)
    assert (sent.part, sent.parts) == (1, 2)


def test_two_names_of_one_field_in_a_send_record_are_refused() -> None:
    (found,) = sends(json.dumps(SENT | {"messageId": "0B"}))
    assert found == Refused(1, "'message_id' and 'messageId' mean the same field; remove one")
    (found,) = sends(json.dumps(REPORT | {"networkCode": "1", "Message-ID": "0B"}))
    assert isinstance(found, Refused)


def test_two_names_of_one_field_in_a_report_record_are_refused() -> None:
    (found,) = receipts(json.dumps(REPORT | {"Date-Finalized": "2026-10-02T12:00:05+0000"}))
    assert isinstance(found, Refused)
    (found,) = receipts(json.dumps(SMS | {"received_at": "2026-10-02", "receivedAt": "2026-10-03"}))
    assert isinstance(found, Refused)
