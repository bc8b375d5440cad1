"""JSON logs whose names no list has: told by what they hold."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.registry import read_receipts
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

NUMBER = "447700900001"
LOGGED = dt.datetime(2026, 10, 1, 12, 0, 6)
QUERY = urlencode(
    {
        "msisdn": NUMBER,
        "messageId": "0A00",
        "status": "delivered",
        "message-timestamp": "2026-10-01 12:00:05",
    }
)
URL = f"/webhooks/delivery-receipt?{QUERY}"
TIME = "2026-10-01T12:00:06Z"
PREFIXES = st.text("ABCdef", min_size=1, max_size=8)


def read(content: str) -> list[ReadReceipt]:
    text = Text("given.log", content.splitlines()[0], io.StringIO(content, newline=""))
    return list(read_receipts(text, ReceiptReader(dt.datetime(2026, 11, 24, 12), Privacy())))


def record(prefix: str, status: int = 200, method: str = "GET") -> dict[str, Any]:
    """A record named as by a content delivery network: each name has a word in front."""
    return {
        f"{prefix}Uri": URL,
        f"{prefix}Method": method,
        f"{prefix}ResponseStatus": status,
        f"{prefix}StartTimestamp": TIME,
        f"{prefix}Latency": 12,
    }


@given(PREFIXES, st.booleans())
def test_a_receipt_is_read_under_names_with_any_prefix(prefix: str, nested: bool) -> None:
    fields = record(prefix)
    (found,) = read(json.dumps({"entry": fields} if nested else fields))
    assert isinstance(found, Receipt)
    assert (found.received_at, found.msisdn) == (LOGGED, NUMBER)


@pytest.mark.parametrize("code", [401, 403])
def test_a_denied_request_is_skipped_under_other_names_too(code: int) -> None:
    assert read(json.dumps(record("Client", code))) == [Skipped("denied requests")]


def test_a_post_is_skipped_under_other_names_too() -> None:
    kind = "POST requests, whose bodies are not logged"
    assert read(json.dumps(record("Client", method="POST"))) == [Skipped(kind)]


def test_a_query_without_its_path_is_read_by_its_message_id() -> None:
    found = read(json.dumps({"reqMethod": "GET", "queryStr": QUERY, "reqTimeSec": "1790856006"}))
    assert [type(item) for item in found] == [Receipt]
    assert isinstance(found[0], Receipt)
    assert found[0].received_at == LOGGED


def test_a_url_in_a_header_is_no_request_under_any_name() -> None:
    fields = {"level": "info", "ts": 1790856006, "RefererUri": URL, "headers": {"a": [URL]}}
    with pytest.raises(UnusableFile):
        read(json.dumps(fields))


def test_a_duration_is_no_time_of_a_request() -> None:
    fields = record("Edge") | {"EdgeStartTimestamp": "0.003", "request_time": "0.010"}
    (found,) = read(json.dumps(fields))
    assert not isinstance(found, Refused)
    assert isinstance(found, Receipt)
    assert found.received_at == found.message_timestamp
