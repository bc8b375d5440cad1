"""Typed receipts: an unreadable field is NULL, named in problems, and in raw."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.vocabulary import PROBLEMS
from dlr_analytics.webhook.parameters import (
    Malformed,
    Number,
    Parameters,
    ParsedRequest,
    Repeated,
    Value,
    parse_json,
    parse_request,
)
from dlr_analytics.webhook.receipt import COLUMNS, FIELD_NAMES, Receipt, read_receipt

NOW = datetime(2026, 11, 24, 8, 0, 1)

PLAIN = {
    "msisdn": "447700900001",
    "to": "AcmeInc",
    "network-code": "23410",
    "messageId": "0A0000001234ABCD",
    "price": "0.03330000",
    "status": "delivered",
    "scts": "2611240759",
    "err-code": "0",
    "api-key": "abcd1234",
    "client-ref": "order 17",
    "message-timestamp": "2026-11-24 08:00:00",
}


def typed(parameters: Parameters, received_at: datetime = NOW, **more: Any) -> Receipt:
    """The receipt of these parameters."""
    found = read_receipt(parameters, received_at, **more)
    assert found is not None
    return found


def receipt(**changes: Any) -> Receipt:
    """An ordinary receipt with fields changed; ``...`` omits one, ``_`` is ``-``."""
    fields = {**PLAIN, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return typed({n: v for n, v in fields.items() if v is not ...})


def test_a_plain_receipt_fills_every_column_and_names_no_problem() -> None:
    assert receipt() == Receipt(
        received_at=NOW,
        message_id="0A0000001234ABCD",
        msisdn="447700900001",
        sender="AcmeInc",
        network_code="23410",
        status="delivered",
        err_code=0,
        price=Decimal("0.0333"),
        scts=datetime(2026, 11, 24, 7, 59),
        scts_raw="2611240759",
        message_timestamp=datetime(2026, 11, 24, 8, 0),
        api_key="abcd1234",
        client_ref="order 17",
        problems=(),
        source="sms",
        channel="sms",
        raw=json.dumps(PLAIN, separators=(",", ":")),
    )


def test_a_receipt_has_the_columns_in_their_order() -> None:
    assert tuple(Receipt.__slots__) == tuple(COLUMNS)


@pytest.mark.parametrize(
    "message_id",
    [
        "0A0000001234ABCD",
        "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
        "0a0000001234abcd",
        "01234567890123",
        "0A0000001234ABCDE",
        " 0A0000001234ABCD ",
        Number("12345678901234"),
    ],
)
def test_a_message_id_is_stored_as_written(message_id: str) -> None:
    assert receipt(messageId=message_id).message_id == message_id


@pytest.mark.parametrize("message_id", ["", " \t", None, True, [], ["A"], {"id": "A"}])
def test_without_a_message_id_there_is_no_receipt(message_id: Value) -> None:
    assert read_receipt({**PLAIN, "messageId": message_id}, NOW) is None


@pytest.mark.parametrize("name", ["message-id", "message_id"])
def test_the_message_id_is_found_under_its_other_names(name: str) -> None:
    assert typed({name: "0A00"}).message_id == "0A00"


def test_the_receipts_own_name_of_the_message_id_goes_first() -> None:
    assert typed({"message-id": "B", "messageId": "A"}).message_id == "A"


def test_the_sender_is_the_wires_to_with_its_spaces() -> None:
    assert receipt(to="Acme Ltd").sender == "Acme Ltd"


@pytest.mark.parametrize("code", ["310260", "23410", "US-VIRT", "00123", Number("23410")])
def test_a_network_code_is_text(code: str) -> None:
    assert receipt(network_code=code).network_code == str(code)


@pytest.mark.parametrize(
    "name", ["msisdn", "to", "network-code", "api-key", "client-ref", "err-code"]
)
@pytest.mark.parametrize("value", ["", None, ...])
def test_a_field_that_may_be_missing_is_null_without_a_problem(name: str, value: object) -> None:
    columns = {"to": "sender"}
    read = receipt(**{name: value})
    assert getattr(read, columns.get(name, name.replace("-", "_"))) is None
    assert read.problems == ()


@pytest.mark.parametrize("status", ["DELIVERED", "Delivered", " delivered "])
def test_a_status_is_stored_in_lower_case(status: str) -> None:
    assert receipt(status=status).status == "delivered"


@pytest.mark.parametrize(
    "status",
    [
        *("accepted", "buffered", "delivered", "expired", "failed", "rejected", "unknown"),
        *("DELIVRD", "ACCEPTD", "UNDELIV", "EXPIRED", "REJECTD", "DELETED"),
    ],
)
def test_a_known_status_and_an_alias_are_stored_as_sent_without_a_problem(status: str) -> None:
    assert (receipt(status=status).status, receipt(status=status).problems) == (status.lower(), ())


def test_an_undocumented_status_is_stored_and_named() -> None:
    read = receipt(status="Teleported")
    assert (read.status, read.problems) == ("teleported", ("status_unrecognised",))


@pytest.mark.parametrize("status", ["", " ", None, ...])
def test_a_missing_status_is_named(status: object) -> None:
    assert receipt(status=status).problems == ("status_missing",)


def test_an_err_code_of_an_accepted_receipt_is_stored_as_sent() -> None:
    assert receipt(status="accepted", err_code="1").err_code == 1


def test_an_err_code_may_be_a_json_integer() -> None:
    assert receipt(err_code=Number("6")).err_code == 6


@pytest.mark.parametrize("code", ["abc", "1.0", "70000"])
def test_an_unreadable_err_code_is_null_and_named(code: str) -> None:
    read = receipt(err_code=code)
    assert (read.err_code, read.problems) == (None, ("err_code_unreadable",))


def test_a_price_with_four_decimals_is_the_same_price() -> None:
    assert receipt(price="0.0333").price == receipt().price


def test_a_decimal_comma_is_a_point_and_named() -> None:
    read = receipt(price="0,0333")
    assert (read.price, read.problems) == (Decimal("0.0333"), ("price_comma",))


@pytest.mark.parametrize("price", ["", " ", None, ...])
def test_a_missing_price_is_named(price: object) -> None:
    read = receipt(price=price)
    assert (read.price, read.problems) == (None, ("price_missing",))


@pytest.mark.parametrize("price", ["NaN", "inf", "1e400", "0.123456789", "free", Number("1e11")])
def test_an_unreadable_price_is_null_and_named_and_in_raw(price: str) -> None:
    read = receipt(price=price)
    assert (read.price, read.problems) == (None, ("price_unreadable",))
    assert str(price) in read.raw


@pytest.mark.parametrize("scts", ["20010114", "1813251310", " 2611240759", "soon"])
def test_an_unreadable_scts_is_null_and_in_scts_raw(scts: str) -> None:
    read = receipt(scts=scts)
    assert (read.scts, read.scts_raw) == (None, scts)
    assert read.problems == ("scts_unreadable",)


@pytest.mark.parametrize("scts", ["", None, ...])
def test_a_missing_scts_is_named(scts: object) -> None:
    read = receipt(scts=scts)
    assert (read.scts, read.scts_raw, read.problems) == (None, None, ("scts_missing",))


def test_scts_may_be_a_json_integer() -> None:
    assert receipt(scts=Number("2611240759")).scts == datetime(2026, 11, 24, 7, 59)


@pytest.mark.parametrize("timestamp", ["", " ", None, ...])
def test_a_missing_message_timestamp_is_named(timestamp: object) -> None:
    read = receipt(message_timestamp=timestamp)
    assert (read.message_timestamp, read.problems) == (None, ("message_timestamp_missing",))


def test_an_unreadable_message_timestamp_is_null_and_named() -> None:
    read = receipt(message_timestamp="yesterday")
    assert (read.message_timestamp, read.problems) == (None, ("message_timestamp_unreadable",))


def test_a_message_timestamp_that_was_encoded_twice_is_read() -> None:
    call = parse_request(b"messageId=A&message-timestamp=2015-06-06%2B10%253A03%253A25", b"")
    assert isinstance(call, ParsedRequest)
    read = typed(call.parameters, datetime(2015, 6, 6, 10, 4))
    assert read.message_timestamp == datetime(2015, 6, 6, 10, 3, 25)


def test_a_message_timestamp_before_2000_is_stored_and_named() -> None:
    read = receipt(message_timestamp="1999-12-31 23:59:59", scts="9912312359")
    assert read.message_timestamp == datetime(1999, 12, 31, 23, 59, 59)
    assert "message_timestamp_implausible" in read.problems
    assert receipt(message_timestamp="2000-01-01 00:00:00", scts=...).problems == ("scts_missing",)


def test_a_message_timestamp_more_than_24_h_after_arrival_is_stored_and_named() -> None:
    allowed = NOW + timedelta(hours=24)
    late = allowed + timedelta(seconds=1)
    assert receipt(message_timestamp=str(allowed)).problems == ()
    read = receipt(message_timestamp=str(late))
    assert (read.message_timestamp, read.problems) == (late, ("message_timestamp_implausible",))


@pytest.mark.parametrize("sign", [-1, 1])
def test_times_contradict_beyond_86_h_as_written(sign: int) -> None:
    scts = datetime(2026, 11, 24, 7, 59)
    edge = scts + sign * timedelta(hours=86)
    arrival = edge + timedelta(hours=1)
    fields = {"messageId": "A", "status": "delivered", "price": "1", "scts": "2611240759"}
    at_edge = typed({**fields, "message-timestamp": str(edge)}, arrival)
    beyond = edge + sign * timedelta(seconds=1)
    past_edge = typed({**fields, "message-timestamp": str(beyond)}, arrival)
    assert at_edge.problems == ()
    assert past_edge.problems == ("times_contradict",)


def test_the_documentations_edited_example_contradicts_itself() -> None:
    read = receipt(scts="1810251310", message_timestamp="2020-10-25 12:10:29")
    assert read.problems == ("times_contradict",)


def test_a_list_or_object_where_text_belongs_is_null_and_named() -> None:
    read = receipt(msisdn=["447700900001"], client_ref={"order": "17"})
    assert (read.msisdn, read.client_ref, read.problems) == (None, None, ("field_unreadable",))
    assert '"client-ref":{"order":"17"}' in read.raw


@pytest.mark.parametrize("text", ["a&b=c", '{"a":1}', "me@example.org", "x" * 100, "naïve ☂", "\0"])
def test_a_client_ref_is_stored_unchanged(text: str) -> None:
    assert receipt(client_ref=text).client_ref == text


def test_a_byte_that_is_no_utf8_is_replaced_in_the_column_and_named() -> None:
    call = parse_request(b"messageId=A&client-ref=caf%E9", b"")
    assert isinstance(call, ParsedRequest)
    read = typed(call.parameters)
    assert read.client_ref == "caf\ufffd"
    assert "text_not_utf8" in read.problems
    assert r'"client-ref":"caf\\xe9"' in read.raw


def test_half_a_surrogate_pair_is_replaced_and_named() -> None:
    parameters = parse_json(r'{"messageId":"A","to":"\ud800"}')
    assert not isinstance(parameters, Malformed)
    read = typed(parameters)
    assert read.sender == "\ufffd"
    assert "text_not_utf8" in read.problems


def test_of_a_repeated_name_the_last_counts_and_raw_keeps_all() -> None:
    read = receipt(status=Repeated(["failed", "delivered"]))
    assert read.status == "delivered"
    assert '"status":["failed","delivered"]' in read.raw


def test_a_json_null_that_comes_last_is_a_missing_field() -> None:
    assert receipt(status=Repeated(["failed", None])).problems == ("status_missing",)


def test_unknown_fields_are_in_raw() -> None:
    assert '"tenant":"7"' in receipt(tenant="7").raw


def test_raw_can_hold_more_than_the_columns_rest_on() -> None:
    read = typed({"messageId": "A"}, raw={"messageId": "A", "status": "delivered"})
    assert (read.status, read.raw) == (None, '{"messageId":"A","status":"delivered"}')


def test_the_source_can_be_given() -> None:
    assert typed(PLAIN, source="import").source == "import"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.text().map(Number)
    | st.sampled_from([*PLAIN.values()]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, min_size=2, max_size=3).map(Repeated)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from([*FIELD_NAMES, "messageId", "message_uuid", "usage", "error", "from"])
parameters = st.dictionaries(names | st.text(), values, max_size=12)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))


def check_is_well_formed(fields: Parameters, received_at: datetime) -> None:
    read = read_receipt(fields, received_at)
    if read is None:
        return
    assert set(read.problems) <= set(PROBLEMS)
    assert len(set(read.problems)) == len(read.problems)
    for name in COLUMNS:
        value = getattr(read, name)
        if isinstance(value, str):
            value.encode()
    assert read.price is None or (read.price.is_finite() and read.price.as_tuple().exponent == -8)
    assert read.err_code is None or -(2**15) <= read.err_code < 2**15


@pytest.mark.thorough
@settings(max_examples=500, deadline=None)
@given(parameters, moments)
def test_no_parameters_make_it_raise_and_what_it_returns_can_be_stored(
    fields: Parameters, received_at: datetime
) -> None:
    check_is_well_formed(fields, received_at)


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_make_it_raise(query: bytes, body: bytes) -> None:
    call = parse_request(b"messageId=A&" + query, body)
    if isinstance(call, ParsedRequest):
        check_is_well_formed(call.parameters, NOW)


@pytest.mark.slow
@settings(max_examples=40_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(), st.binary(), moments)
def test_a_hundred_thousand_calls_of_any_bytes_do_not_make_it_raise(
    query: bytes, body: bytes, received_at: datetime
) -> None:
    for sent in (body, b'{"messageId":"A",' + body, b'{"message_uuid":"A","x":' + body + b"}"):
        call = parse_request(b"messageId=A&" + query, sent)
        if isinstance(call, ParsedRequest):
            check_is_well_formed(call.parameters, received_at)
