"""Records of receipts and of sending, and the layouts of files that hold them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Final

from dlr_analytics.importers.formats import ReadSend
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.registry import read_receipts, read_sends
from dlr_analytics.importers.text_files import Text
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

NOW: Final = dt.datetime(2026, 11, 24, 12)
SMS: Final = {
    "messageId": "0A00",
    "msisdn": "447700900001",
    "to": "Acme",
    "network-code": "23410",
    "price": "0.0333",
    "status": "failed",
    "err-code": "9",
    "scts": "2610011200",
    "message-timestamp": "2026-10-01 12:00:05",
    "api-key": "abcd1234",
    "client-ref": "order 1",
}
REPORT: Final = {
    "account_id": "abcd1234",
    "message_id": "0A00",
    "client_ref": "order 1",
    "direction": "outbound",
    "from": "Acme",
    "to": "447700900001",
    "network": "23410",
    "date_received": "2026-10-01T12:00:01+0000",
    "date_finalized": "2026-10-01T12:00:05+0000",
    "latency": "4000",
    "status": "failed",
    "error_code": "9",
    "currency": "EUR",
    "total_price": "0.0333",
}
SENT: Final = {
    "message_id": "0A00",
    "sent_at": "2026-10-01T12:00:01Z",
    "to": "447700900001",
    "from": "Acme",
    "network_code": "23410",
    "client_ref": "order 1",
}


def text_of(content: str) -> Text:
    first = next((line.strip() for line in content.splitlines() if line.strip()), "")
    return Text("given", first, io.StringIO(content, newline=""))


def receipts(content: str) -> list[ReadReceipt]:
    return list(read_receipts(text_of(content), ReceiptReader(NOW, Privacy())))


def sends(content: str) -> list[ReadSend]:
    return list(read_sends(text_of(content)))


def columns(receipt: ReadReceipt) -> dict[str, object]:
    assert isinstance(receipt, Receipt), receipt
    return {name: getattr(receipt, name) for name in Receipt.__slots__ if name != "raw"}


def csv(*records: dict[str, str]) -> str:
    lines = [list(records[0]), *(list(record.values()) for record in records)]
    fields = (",".join('"' + field.replace('"', '""') + '"' for field in line) for line in lines)
    return "\n".join(fields) + "\n"


def pretty(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


LAYOUTS: Final[dict[str, Callable[..., str]]] = {
    "CSV": csv,
    "lines": lambda *records: "".join(json.dumps(record) + "\n" for record in records),
    "pretty": lambda *records: "".join(pretty(record) for record in records),
    "no indent": lambda *records: json.dumps(records, indent=0),
    "array": lambda *records: json.dumps(records),
    "array, a record a line": lambda *records: (
        "[" + ",\n".join(json.dumps(record) for record in records) + "]\n"
    ),
    "array, commas first": lambda *records: (
        "[" + "\n,".join(json.dumps(record) for record in records) + "\n]\n"
    ),
    "pretty array": lambda *records: pretty(records),
    "answer": lambda *records: json.dumps({"request_id": "x", "records": records, "links": {}}),
    "pretty answer": lambda *records: pretty(
        {"_links": {"self": [{"href": "x"}]}, "records": records, "more": [{"a": {}}]}
    ),
    "array of answers": lambda *records: pretty([{"records": [record]} for record in records]),
}
