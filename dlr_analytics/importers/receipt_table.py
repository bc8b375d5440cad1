"""CSV of receipts, with column names of the wire or of ``receipts``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from dlr_analytics.importers.fields import MESSAGE_ID_NAMES
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.webhook.parameters import Parameters

_SMS_NAMES: Final = {
    "messageid": "messageId",
    "msisdn": "msisdn",
    "sender": "to",
    "to": "to",
    "networkcode": "network-code",
    "price": "price",
    "status": "status",
    "errcode": "err-code",
    "scts": "scts",
    "sctsraw": "scts",
    "messagetimestamp": "message-timestamp",
    "apikey": "api-key",
    "clientref": "client-ref",
}
"""Parameters of an SMS receipt by plain name: of the wire, and of the columns of ``receipts``."""

_WEBHOOK_NAMES: Final = {
    "messageuuid": "message_uuid",
    "to": "to",
    "from": "from",
    "timestamp": "timestamp",
    "status": "status",
    "clientref": "client_ref",
    "apikey": "api_key",
}
"""Parameters of a Messages API status webhook by plain name."""


def matches(source: Source) -> bool:
    """Check for a column with the message ID."""
    return any(name in source.table.columns for name in MESSAGE_ID_NAMES)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each row."""
    return reader.read_table(source.table, _parameters)


def _parameters(row: Mapping[str, str], spelling: Mapping[str, str]) -> Parameters:
    """Rename columns to the names of the wire; leave unknown columns as they are."""
    names = _SMS_NAMES if "messageid" in row else _WEBHOOK_NAMES
    if "messageid" in row and "msisdn" not in row and not {"from", "sender"}.isdisjoint(row):
        # In a file with both `from` and `to`, `to` is the recipient, unlike on the wire.
        names = names | {"from": "to", "to": "msisdn"}
    superseded = "scts" if "sctsraw" in row else ""
    return {names.get(name, spelling[name]): row[name] for name in row if name != superseded}


FORMAT: Final = Format("CSV of receipts", matches, receipts=receipts)
