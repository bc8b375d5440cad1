"""Receipts of each import format, read as the receiver reads them."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.registry import read_receipts
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text
from dlr_analytics.webhook.judge import REASONS, WEBHOOK_PATH, Request, Rules, Store, judge
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

NOW = dt.datetime(2026, 11, 24, 12)
PUSHED = dt.datetime(2026, 10, 1, 12, 0, 5)
LOGGED = dt.datetime(2026, 10, 1, 12, 0, 6)
WIRE = {
    "msisdn": "447700900001",
    "to": "Acme",
    "network-code": "23410",
    "messageId": "0A00",
    "price": "0,0333",
    "status": "delivered",
    "scts": "2610011200",
    "err-code": "0",
    "api-key": "abcd1234",
    "client-ref": "a&b=c é",
    "message-timestamp": "2026-10-01 12:00:05",
}


def read(content: str, privacy: Privacy | None = None) -> list[ReadReceipt]:
    first = next((line.strip() for line in content.splitlines() if line.strip()), "")
    text = Text("given", first, io.StringIO(content, newline=""))
    return list(read_receipts(text, ReceiptReader(NOW, privacy or Privacy())))


def one(content: str) -> Receipt:
    (found,) = read(content)
    assert isinstance(found, Receipt)
    return found


def received(body: bytes, query: bytes = b"") -> Receipt:
    """The receipt that the receiver reads."""
    verdict = judge(Request("POST", WEBHOOK_PATH, query, {}, body, ""), Rules(), NOW)
    assert isinstance(verdict, Store)
    return verdict.receipt


def columns_of(receipt: Receipt) -> dict[str, object]:
    """All columns that do not depend on the way of arrival."""
    left_out = {"received_at", "source", "raw"}
    return {n: getattr(receipt, n) for n in Receipt.__slots__ if n not in left_out}


def csv(*rows: dict[str, str], header: list[str] | None = None) -> str:
    names = header or list(rows[0])
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    quoted = (",".join('"' + field.replace('"', '""') + '"' for field in line) for line in lines)
    return "\n".join(quoted) + "\n"


def logged(query: str, *, method: str = "GET", status: int = 200) -> str:
    stamp = "[01/Oct/2026:14:00:06 +0200]"
    return f'192.0.2.1 - - {stamp} "{method} /hooks/dlr.php?{query} HTTP/1.1" {status} 2 "-" "-"\n'


def test_a_webhook_body_is_read_as_the_receiver_reads_it() -> None:
    body = json.dumps(WIRE)
    found, known = one(body + "\n"), received(body.encode())
    assert (columns_of(found), found.raw) == (columns_of(known), known.raw)
    assert (found.received_at, found.source) == (PUSHED, "import")


def test_a_messages_api_webhook_is_one_too() -> None:
    body = json.dumps(
        {
            "message_uuid": "aaaa",
            "to": "447700900001",
            "from": "Acme",
            "timestamp": "2026-10-01T12:00:05Z",
            "status": "submitted",
            "usage": {"currency": "EUR", "price": "0.0333"},
        }
    )
    found = one(body)
    assert columns_of(found) == columns_of(received(body.encode()))
    assert (found.message_id, found.status, found.received_at) == ("aaaa", "accepted", PUSHED)


@pytest.mark.parametrize(
    ("stamp", "received_at"),
    [
        ("2026-10-01 12:00:05", PUSHED),
        (None, NOW),
        ("1970-01-01 00:00:00", NOW),
        ("2099-01-01 00:00:00", NOW),
        ("2026-11-25 11:59:59", dt.datetime(2026, 11, 25, 11, 59, 59)),
    ],
)
def test_received_at_is_the_message_timestamp_where_that_can_be_true(
    stamp: str | None, received_at: dt.datetime
) -> None:
    result = {"messageId": "0A00"} | ({} if stamp is None else {"message-timestamp": stamp})
    assert one(json.dumps(result)).received_at == received_at


def test_a_logged_time_of_arrival_has_priority() -> None:
    body = json.dumps(WIRE | {"received_at": "2026-10-01T12:00:06Z"})
    assert one(body).received_at == LOGGED
    assert one(csv(WIRE | {"received_at": "2026-10-01 12:00:06"})).received_at == LOGGED


@pytest.mark.parametrize(
    "more",
    [
        {"received_at": None},
        {"received_at": ""},
        {"client-ref": "received_at"},
        {"meta": {"received_at": "x"}},
    ],
)
def test_an_empty_or_nested_time_of_arrival_refuses_nothing(
    more: dict[str, object],
) -> None:
    assert one(json.dumps(WIRE | more)).received_at == PUSHED


def test_an_unreadable_noted_time_refuses_the_line() -> None:
    reason = "received_at 'noon' is not a time; write 2026-11-24T08:00:00Z"
    assert read(json.dumps(WIRE | {"received_at": "noon"})) == [Refused(1, reason)]
    assert read(csv(WIRE | {"received_at": "noon"})) == [Refused(2, reason)]


@pytest.mark.parametrize("ahead", ["2026-11-25 12:00:01", "2099-01-01 00:00:00"])
def test_a_time_of_arrival_ahead_of_the_clock_refuses_the_line(ahead: str) -> None:
    reason = f"received_at {ahead} is more than a day ahead of the clock"
    assert read(json.dumps(WIRE | {"received_at": ahead})) == [Refused(1, reason)]
    assert read(csv(WIRE | {"received_at": ahead})) == [Refused(2, reason)]
    assert one(csv(WIRE | {"received_at": "2026-11-25 12:00:00"})).message_id == "0A00"
    moment = dt.datetime.fromisoformat(ahead).strftime("%d/%b/%Y:%H:%M:%S +0000")
    line = f'192.0.2.1 - - [{moment}] "GET /dlr?messageId=0A HTTP/1.1" 200 0'
    assert read(line) == [Refused(1, reason)]


def test_lines_of_json_are_refused_one_by_one() -> None:
    good = json.dumps(WIRE)
    found = read(f'{good}\n{{"status": "failed"}}\n\n{{}}\n{good[:-5]}\nword\n{good}\n')
    assert [type(item) for item in found] == [Receipt, Refused, Skipped, Refused, Refused, Receipt]
    refused = [item for item in found if isinstance(item, Refused)]
    assert [item.line for item in refused] == [2, 5, 6]
    assert refused[0].reason == "no message ID"
    assert refused[1].reason.startswith("not JSON: ")
    assert found[2] == Skipped("empty requests")


def test_a_body_over_the_receivers_limit_is_refused() -> None:
    (found,) = read(json.dumps(WIRE | {"x": "y" * 70_000}))
    assert found == Refused(1, REASONS["size"])


def test_bytes_that_are_no_utf_8_are_named_as_the_receiver_names_them() -> None:
    body = b'{"messageId":"0A00","to":"caf\xe9"}'
    found = one(body.decode("utf-8", "surrogateescape"))
    assert columns_of(found) == columns_of(received(body))
    assert "text_not_utf8" in found.problems


@pytest.mark.parametrize(
    "rename",
    [
        {},
        {name: name.replace("-", "_") for name in WIRE},
        {name: name.title().replace("-", "") for name in WIRE},
        {"to": "sender", "messageId": "message_id", "scts": "scts_raw"},
        {"to": "from", "msisdn": "to"},
    ],
)
def test_csv_in_the_wires_spelling_or_another(rename: dict[str, str]) -> None:
    found = one(csv({rename.get(name, name): text for name, text in WIRE.items()}))
    assert columns_of(found) == columns_of(received(json.dumps(WIRE).encode()))
    assert found.received_at == PUSHED


def test_an_unknown_column_is_stored_under_its_own_name() -> None:
    found = one(csv(WIRE | {"Our Shop": "north"}))
    assert json.loads(found.raw) == WIRE | {"Our Shop": "north"}


def test_a_csv_of_the_receipts_themselves_comes_back_whole() -> None:
    first = received(json.dumps(WIRE).encode())
    row = {name: str(getattr(first, name)) for name in Receipt.__slots__}
    again = one(csv(row))
    assert (columns_of(again), again.received_at) == (columns_of(first), NOW)
    assert json.loads(again.raw) == json.loads(first.raw)


def test_a_row_whose_raw_is_broken_is_refused() -> None:
    (found,) = read(csv({"message_id": "0A00", "raw": '{"messageId":'}))
    assert isinstance(found, Refused)
    assert found.reason.startswith("raw: not JSON")


def test_missing_columns_and_empty_fields_are_not_known() -> None:
    found = one("messageId,status,price\n0A00,delivered,\n")
    assert (found.price, found.scts, found.msisdn) == (None, None, None)
    assert {"price_missing", "scts_missing"} <= set(found.problems)


def test_a_csv_with_webhook_columns_is_a_messages_api_webhook() -> None:
    found = one("message_uuid,to,from,status\naaaa,447700900001,Acme,delivered\n")
    assert (found.msisdn, found.sender, found.status) == ("447700900001", "Acme", "delivered")


def test_an_access_log_has_the_time_of_arrival() -> None:
    query = urlencode(WIRE)
    found = one(logged(query))
    assert columns_of(found) == columns_of(received(b"", query.encode()))
    assert (found.received_at, found.source) == (LOGGED, "import")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (logged("page=2"), "other requests"),
        (logged(urlencode(WIRE), method="POST"), "POST requests, whose bodies are not logged"),
        (logged(urlencode(WIRE), method="HEAD"), "other requests"),
        (logged(urlencode(WIRE), status=401), "denied requests"),
        (logged(urlencode(WIRE), status=403), "denied requests"),
    ],
)
def test_other_lines_of_a_log_are_no_receipts(line: str, kind: str) -> None:
    assert read(line) == [Skipped(kind)]


@pytest.mark.parametrize("status", [200, 404, 500, 502])
def test_a_receipt_that_was_not_accepted_is_imported(status: int) -> None:
    assert one(logged(urlencode(WIRE), status=status)).message_id == "0A00"


def test_a_custom_parameter_named_type_makes_no_inbound_message() -> None:
    assert one(logged(urlencode(WIRE | {"type": "text"}))).message_id == "0A00"


def test_a_log_that_is_damaged_is_refused_line_by_line() -> None:
    found = read(logged(urlencode(WIRE)) + "192.0.2.1 - - [01/Oc\n" + logged("messageId="))
    assert found[1:] == [Refused(2, "not a line of an access log"), Refused(3, "no message ID")]


def test_a_reports_api_export_is_read_as_receipts() -> None:
    found = one(
        '"account_id","message_id","direction","from","to","message_body","network",'
        '"date_received","date_finalized","latency","status","error_code","currency","total_price"\n'
        '"abcd1234","0A00","outbound","Acme","447700900001","line one\nline two","23410",'
        '"2026-10-01T12:00:01+00:00","2026-10-01T12:00:05+0000","4000","failed","9","EUR","0.0333"\n'
    )
    assert (found.message_id, found.msisdn, found.sender) == ("0A00", "447700900001", "Acme")
    assert (found.status, found.err_code, found.price) == ("failed", 9, Decimal("0.03330000"))
    assert (found.message_timestamp, found.received_at) == (PUSHED, PUSHED)
    assert "line one" not in found.raw
    assert "field_unreadable" not in found.problems


def test_rows_of_an_export_that_are_no_sent_sms_are_skipped() -> None:
    export = "message_id,direction,date_received\n0A,inbound,2026-10-01T12:00:01+00:00\n"
    assert read(export) == [Skipped("inbound messages")]


@pytest.mark.parametrize(
    "content",
    [json.dumps(WIRE), csv(WIRE), logged(urlencode(WIRE))],
)
def test_numbers_are_masked_in_every_form(content: str) -> None:
    (found,) = read(content, Privacy("mask"))
    assert isinstance(found, Receipt)
    assert found.msisdn == "44********01"
    assert "447700900001" not in found.raw


BODY = '{"messageId": "0A", "status": "delivered", "message-timestamp": "2026-11-20 08:00:00"}'


@pytest.mark.parametrize(
    "line",
    [
        r'{"message_id": "0A", "status": "delivered", "sender": "Caf\ud83d"}',
        r'{"ts": "2026-10-01T12:00:05Z", "uri": "/dlr?messageId=0A&status=delivered&to=Caf\ud83d"}',
        r'{"log": "GET /dlr?messageId=0A&status=delivered&to=Caf\ud83d 200"}',
    ],
)
def test_half_a_character_is_named_and_costs_no_receipt(line: str) -> None:
    (found,) = read(line)
    assert isinstance(found, Receipt)
    assert found.sender is not None
    assert found.sender.startswith("Caf\ufffd")
    assert "text_not_utf8" in found.problems


def test_a_file_of_nothing_holds_nothing() -> None:
    assert read("") == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a,b\n1,2\n", "no column with the message ID: 'a,b'"),
        ("just words\n", "no column with the message ID: 'just words'"),
        ('"unclosed\n', "no column with the message ID: ''"),
        ("message_id,sent_at\n0A,2026-11-20\n", "'message_id,sent_at'; use dlr sends"),
    ],
)
def test_a_file_of_something_else_is_named(content: str, complaint: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        read(content)
    assert complaint in str(caught.value)


def test_a_send_record_among_webhook_bodies_is_refused() -> None:
    """As a receipt it would have arrived just now, and be the newest."""
    (found,) = read('{"messageId": "0A", "sent_at": "2026-11-20 08:00"}\n')
    assert found == Refused(1, "a send time without a status; use dlr sends")


@pytest.mark.parametrize(
    "content",
    [
        f'message_id,sent_at,raw\n0A,2026-11-20,"{BODY.replace(chr(34), 2 * chr(34))}"\n',
        json.dumps({"message_id": "0A", "sent_at": "2026-11-20", "raw": BODY}),
    ],
)
def test_a_send_time_beside_a_receipt_s_body_is_left_out(content: str) -> None:
    (found,) = read(content)
    assert isinstance(found, Receipt)
    assert found.status == "delivered"
    assert found.received_at == dt.datetime(2026, 11, 20, 8)


def test_a_send_time_beside_a_raw_that_is_no_body_is_refused() -> None:
    (found,) = read("message_id,sent_at,raw\n0A,2026-11-20,lost\n")
    assert found == Refused(2, "a send time without a status; use dlr sends")
