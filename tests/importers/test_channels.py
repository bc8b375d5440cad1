"""The channel of an imported receipt, wherever its record has it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest

from dlr_analytics.importers.receipt_reader import ReceiptReader
from dlr_analytics.importers.registry import read_receipts
from dlr_analytics.importers.text_files import Text
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

REPORT = {
    "message_id": "0A00",
    "direction": "outbound",
    "to": "447700900001",
    "status": "delivered",
    "date_received": "2026-10-01T12:00:01+00:00",
    "date_finalized": "2026-10-01T12:00:09+00:00",
}
WEBHOOK = {"message_uuid": "aaaa", "status": "read", "timestamp": "2026-10-01T12:00:09Z"}
WIRE = {"messageId": "0A00", "status": "delivered", "message-timestamp": "2026-10-01 12:00:09"}
STORED = {
    "message_id": "0A00",
    "status": "delivered",
    "message_timestamp": "2026-10-01 12:00:09",
    "source": "import",
    "received_at": "2026-10-01 12:00:10",
}


def channel(content: str) -> str:
    text = Text("given", content.splitlines()[0], io.StringIO(content, newline=""))
    (found,) = read_receipts(text, ReceiptReader(dt.datetime(2026, 11, 24), Privacy()))
    assert isinstance(found, Receipt)
    return found.channel


def as_csv(record: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(record))
    writer.writeheader()
    writer.writerow(record)
    return out.getvalue()


@pytest.mark.parametrize("layout", [as_csv, json.dumps])
@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (REPORT, "sms"),
        (REPORT | {"provider": "sms"}, "sms"),
        (REPORT | {"provider": "WhatsApp"}, "whatsapp"),
        (REPORT | {"provider": "viber_service_msg"}, "viber_service_msg"),
        (WEBHOOK, "sms"),
        (WEBHOOK | {"channel": "RCS"}, "rcs"),
        (WIRE | {"channel": "whatsapp"}, "sms"),
        (STORED | {"channel": "mms"}, "mms"),
        (STORED | {"channel": "mms", "raw": json.dumps(WIRE)}, "mms"),
        (STORED | {"channel": "", "raw": json.dumps(WEBHOOK | {"channel": "rcs"})}, "rcs"),
    ],
)
def test_the_channel_is_read_where_the_record_has_it(
    layout: Any, record: dict[str, Any], expected: str
) -> None:
    assert channel(layout(record)) == expected
