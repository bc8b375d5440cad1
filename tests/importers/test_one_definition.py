"""A record means the same in CSV and in JSON of any layout and spelling, or is refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlr_analytics.importers.fields import plain_name, quoted
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.registry import read_receipts
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import LONGEST_LINE, Text
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.judge import WEBHOOK_PATH, Request, Rules, Store, judge
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt
from tests.importers.records import (
    LAYOUTS,
    NOW,
    REPORT,
    SENT,
    SMS,
    columns,
    csv,
    pretty,
    receipts,
    sends,
)


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Callable[..., str]:
    return LAYOUTS[request.param]


def spellings(name: str) -> list[str]:
    words = name.replace("messageId", "message_id").replace("-", "_").split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    joined = [mark.join(words) for mark in "-_"]
    return [*joined, camel, "_".join(words).upper(), " ".join(words).title(), "".join(words)]


@st.composite
def respelled(draw: st.DrawFn, record: dict[str, str]) -> dict[str, str]:
    names = draw(st.permutations(list(record)))
    return {draw(st.sampled_from(spellings(name))): record[name] for name in names}


@pytest.mark.parametrize("kind", [SMS, REPORT], ids=["SMS", "report"])
@given(data=st.data())
def test_a_receipt_is_the_same_in_every_layout_and_spelling(
    kind: dict[str, str], data: st.DataObject
) -> None:
    record = data.draw(respelled(kind))
    layout = LAYOUTS[data.draw(st.sampled_from(list(LAYOUTS)))]
    (expected,) = receipts(json.dumps(SMS))
    first, second = receipts(layout(record, record))
    absent = {"scts", "scts_raw", "problems"} if kind is REPORT else set()
    for found in (first, second):
        assert {n: v for n, v in columns(found).items() if n not in absent} == {
            n: v for n, v in columns(expected).items() if n not in absent
        }


@pytest.mark.parametrize("kind", [SENT, REPORT], ids=["sent", "report"])
@given(data=st.data())
def test_a_send_is_the_same_in_every_layout_and_spelling(
    kind: dict[str, str], data: st.DataObject
) -> None:
    layout = LAYOUTS[data.draw(st.sampled_from(list(LAYOUTS)))]
    record = data.draw(respelled(kind))
    found = sends(layout(record, record))
    for send in found:
        assert isinstance(send, Send), send
        assert (send.message_id, send.sent_at) == ("0A00", dt.datetime(2026, 10, 1, 12, 0, 1))
        assert (send.msisdn, send.sender, send.network_code) == ("447700900001", "Acme", "23410")
        assert send.client_ref == "order 1"
    assert len(found) == 2


def own_names() -> st.SearchStrategy[dict[str, Any]]:
    known = {plain_name(name) for name in (*SMS, "sender", "scts_raw", "received_at", "raw")}
    taken = known | {"messageuuid", "datereceived", "datefinalized", "sentat", "records", "from"}
    names = st.text(max_size=9).filter(lambda name: plain_name(name) not in taken)
    values = st.none() | st.booleans() | st.text() | st.lists(st.text()) | st.integers()
    return st.dictionaries(names, values, max_size=4)


@given(given=st.dictionaries(st.sampled_from(sorted(SMS)), st.text(max_size=12)), own=own_names())
def test_a_webhook_body_is_read_as_the_receiver_reads_it(
    given: dict[str, str], own: dict[str, Any]
) -> None:
    times = {"message-timestamp": SMS["message-timestamp"]}
    body = json.dumps(own | {"messageId": "0A00"} | given | times)
    verdict = judge(Request("POST", WEBHOOK_PATH, b"", {}, body.encode(), ""), Rules(), NOW)
    (found,) = receipts(body)
    if not isinstance(verdict, Store):
        assert isinstance(found, Refused)
        return
    assert isinstance(found, Receipt), found
    left_out = {"received_at", "source"}
    for name in set(Receipt.__slots__) - left_out:
        assert getattr(found, name) == getattr(verdict.receipt, name)


BROKEN: Final = st.sampled_from(
    ["noon", "01.10.2026 12:00", "10/01/2026", "2026-13-01", "46296.5", "#########", "null", "?"]
) | st.text("0123456789-:T.Z+ /", min_size=1, max_size=9).filter(
    lambda text: text.strip() != "" and not text.strip().replace("-", "").isdigit()
)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (SMS, "message-timestamp"),
        (SMS, "received_at"),
        (SMS, "sent_at"),
        (REPORT, "date_received"),
        (REPORT, "date_finalized"),
    ],
)
@given(broken=BROKEN, data=st.data())
def test_a_time_that_is_given_and_unreadable_refuses_the_receipt(
    kind: dict[str, str], name: str, broken: str, data: st.DataObject
) -> None:
    layout = LAYOUTS[data.draw(st.sampled_from(list(LAYOUTS)))]
    spelled = data.draw(st.sampled_from(spellings(name)))
    (found,) = receipts(layout({n: v for n, v in kind.items() if n != name} | {spelled: broken}))
    assert isinstance(found, Refused)
    assert found.reason.startswith(f"{spelled} ")
    assert "is not a time" in found.reason


@pytest.mark.parametrize("name", ["date_received", "date_finalized"])
@given(broken=BROKEN, data=st.data())
def test_a_time_that_is_given_and_unreadable_refuses_the_send(
    name: str, broken: str, data: st.DataObject
) -> None:
    layout = LAYOUTS[data.draw(st.sampled_from(list(LAYOUTS)))]
    (found,) = sends(layout(REPORT | {name: broken}))
    assert isinstance(found, Refused)
    assert found.reason.startswith(f"{name} {quoted(broken.strip())} is not a time")


@pytest.mark.parametrize("value", [[], ["2026-10-01"], {"at": "2026-10-01"}, True])
def test_a_time_that_is_no_text_is_unreadable_too(value: object) -> None:
    (found,) = receipts(json.dumps(SMS | {"message-timestamp": value}))
    assert isinstance(found, Refused)


def test_a_long_unreadable_time_is_shortened() -> None:
    (found,) = receipts(json.dumps(SMS | {"message-timestamp": "x" * 5000}))
    assert isinstance(found, Refused)
    assert len(found.reason) < 120


def test_an_unreadable_scts_keeps_the_receipt(layout: Callable[..., str]) -> None:
    (found,) = receipts(layout(SMS | {"scts": "01.10.2026"}))
    assert isinstance(found, Receipt)
    assert (found.scts, found.scts_raw) == (None, "01.10.2026")
    assert "scts_unreadable" in found.problems


@pytest.mark.parametrize("stamp", ["2026-10-01", "2026-10-01 12:00", "2026-10-01T14:00+02:00"])
def test_a_day_or_a_minute_is_a_time(stamp: str, layout: Callable[..., str]) -> None:
    (found,) = receipts(layout(SMS | {"message-timestamp": stamp}))
    assert isinstance(found, Receipt)
    assert found.message_timestamp == found.received_at
    assert found.received_at.date() == dt.date(2026, 10, 1)


def test_a_receipt_of_the_future_is_refused(layout: Callable[..., str]) -> None:
    (found,) = receipts(layout(SMS | {"received_at": "2099-01-01 00:00:00"}))
    assert isinstance(found, Refused)
    assert "more than a day ahead of the clock" in found.reason


@st.composite
def scientific(draw: st.DrawFn) -> str:
    exponent = draw(st.integers(5, 40))
    digits = draw(st.integers(0, 10**8))
    form = draw(st.sampled_from(["{}.{}E+{:02d}", "{},{}E+{:02d}", "{}.{}e{}", "{0}E+{2}"]))
    return form.format(draw(st.integers(1, 9)), digits, exponent)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((SMS, name) for name in ("messageId", "msisdn", "to", "network-code", "client-ref")),
        *((REPORT, name) for name in ("message_id", "from", "to", "network", "client_ref")),
    ],
)
@given(number=scientific(), data=st.data())
def test_an_id_in_scientific_notation_is_refused(
    kind: dict[str, str], name: str, number: str, data: st.DataObject
) -> None:
    layout = LAYOUTS[data.draw(st.sampled_from(list(LAYOUTS)))]
    for found in (
        receipts(layout(kind | {name: number})),
        sends(layout(REPORT | ({name: number} if name in REPORT else {"to": number}))),
    ):
        (refused,) = found
        assert isinstance(refused, Refused)
        assert f"{quoted(number)} was turned into a number by a spreadsheet" in refused.reason


@pytest.mark.parametrize("shown", ["########", "#REF!", "#VALUE!", "#N/A"])
@pytest.mark.parametrize("name", ["messageId", "msisdn", "to", "network-code", "client-ref"])
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_what_a_spreadsheet_shows_instead_of_an_id_is_refused(
    layout: str, name: str, shown: str
) -> None:
    (refused,) = receipts(LAYOUTS[layout](SMS | {name: shown}))
    assert isinstance(refused, Refused)
    assert f"{name} {shown!r} is what a spreadsheet shows" in refused.reason


@given(st.from_regex("[0-9A-F]{4}[0-9]E[0-9]{4}|[0-9]{12}E[0-9]{3}", fullmatch=True))
def test_a_message_id_in_hexadecimal_digits_is_none(message_id: str) -> None:
    (found,) = receipts(csv(SMS | {"messageId": message_id}))
    assert isinstance(found, Receipt)
    assert found.message_id == message_id


def test_two_spellings_of_one_field_are_refused() -> None:
    (found,) = receipts(json.dumps(SMS | {"msisdn": None, "MSISDN": "1", "Msisdn": "2"}))
    assert isinstance(found, Receipt)
    record = {name: text for name, text in SMS.items() if name != "msisdn"}
    (found,) = receipts(json.dumps(record | {"MSISDN": "1", "Msisdn": "2"}))
    assert found == Refused(1, "'Msisdn' and another name mean the same field; remove one")


@pytest.mark.parametrize("flat", [True, False])
def test_a_messages_api_webhook_in_camel_case(flat: bool, layout: Callable[..., str]) -> None:
    inside = (
        {"networkCode": "23410", "price": "0.0333", "currency": "EUR"}
        if flat
        else {"destination": {"networkCode": "23410"}, "usage": {"price": "0.0333"}}
    )
    record: dict[str, Any] = {
        "messageUuid": "aaaa",
        "to": "447700900001",
        "from": "Acme",
        "timestamp": "2026-10-01T12:00:05Z",
        "status": "delivered",
        "clientRef": "order 1",
    }
    if not flat and layout is csv:
        return
    (found,) = receipts(layout(record | inside))
    assert isinstance(found, Receipt)
    assert (found.message_id, found.msisdn, found.sender) == ("aaaa", "447700900001", "Acme")
    assert (found.network_code, str(found.price), found.client_ref) == (
        "23410",
        "0.03330000",
        "order 1",
    )
    (refused,) = receipts(layout(record | inside | {"timestamp": "noon"}))
    assert isinstance(refused, Refused)


def test_an_inbound_record_is_skipped(layout: Callable[..., str]) -> None:
    assert receipts(layout(REPORT | {"direction": "inbound"})) == [Skipped("inbound messages")]
    assert sends(layout(REPORT | {"direction": "inbound"})) == [Skipped("inbound messages")]


def good(found: list[ReadReceipt]) -> list[str]:
    return [item.message_id for item in found if isinstance(item, Receipt)]


def numbered(count: int) -> list[dict[str, str]]:
    return [SMS | {"messageId": f"{n:04X}"} for n in range(count)]


@given(cut=st.integers(1, 900), kind=st.sampled_from(["pretty", "pretty array", "pretty answer"]))
def test_a_document_cut_short_gives_whole_records_and_one_refusal(cut: int, kind: str) -> None:
    content = LAYOUTS[kind](*numbered(9))
    shortened = content[: -cut - len('"more": [{"a": {}}]') - 30]
    found = receipts(shortened)
    ids = [record["messageId"] for record in numbered(9)]
    assert good(found) == ids[: len(good(found))]
    assert len([item for item in found if isinstance(item, Refused)]) <= 1
    assume(kind != "pretty")
    assert isinstance(found[-1], Refused)


def test_a_truncated_line_spoils_no_other() -> None:
    lines = [json.dumps(record) for record in numbered(4)]
    for cut in range(1, len(lines[1])):
        found = receipts("\n".join([lines[0], lines[1][:cut], *lines[2:]]))
        assert good(found) == ["0000", "0002", "0003"], lines[1][:cut]
        assert [item.line for item in found if isinstance(item, Refused)] == [2]


@pytest.mark.parametrize("inside", ["7", '"text"', "null", "[]", "[{}]"])
@pytest.mark.parametrize(
    "form", ["[{}]", "[\n{}\n]", '{{"records": [{}]}}', '{{"records":[\n{}\n]}}']
)
def test_an_element_that_is_no_object_is_refused(form: str, inside: str) -> None:
    if form == "[{}]" and inside[0] not in "[{":
        return
    found = receipts(form.format(inside) + "\n" + json.dumps(SMS) + "\n")
    assert [type(item) for item in found] == [Refused, Receipt]


def endless() -> Iterator[str]:
    yield '{"records": [\n'
    for record in numbered(50_000):
        yield pretty(record) + ","


def test_a_long_answer_is_read_record_by_record() -> None:
    text = Text("answer.json", '{"records": [', endless())
    found = read_receipts(text, ReceiptReader(NOW, Privacy()))
    assert [next(found).message_id for _ in range(3)] == ["0000", "0001", "0002"]  # type: ignore[union-attr]


def test_what_is_too_long_is_refused_with_the_limit() -> None:
    lines = "".join(f'"{n}": "{"x" * 1000}",\n' for n in range(2000))
    found = receipts("[{\n" + lines + '"messageId": "0A"},\n' + json.dumps(SMS) + "]\n")
    assert found[0] == Refused(1, f"a record longer than {LONGEST_LINE} characters")
    assert good(found) == ["0A00"]
