"""Receipts out of files: webhook bodies as JSON lines, CSV, access logs, Reports API exports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.access_log import read_line
from dlr_analytics.importers.as_received import Reader
from dlr_analytics.importers.csv_reader import Row, read_table
from dlr_analytics.importers.reports_api import as_receipt, is_report
from dlr_analytics.importers.submit_responses import MESSAGE_ID_NAMES, moment, text_of
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text, numbered
from dlr_analytics.webhook.parameters import Malformed, Parameters, parse_json, to_json
from dlr_analytics.webhook.receipt import Receipt

Found: TypeAlias = Receipt | Refused | Skipped

OTHER: Final = Skipped("other requests")
POSTED: Final = Skipped("POST requests, whose bodies are in no log")
TURNED_AWAY: Final = Skipped("requests that were turned away")
INBOUND: Final = Skipped("inbound messages")

_TELLS_A_MESSAGE: Final = re.compile(rb"(?:^|&)message(?:[-_]?id|_uuid)=", re.IGNORECASE)
_IS_INBOUND: Final = re.compile(rb"(?:^|&)type=(?:text|unicode|binary)(?:&|$)")
_HAS_STATUS: Final = re.compile(rb"(?:^|&)status=")

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
"""Wire names by plain name: the wire's own in any spelling, and the columns of ``receipts``."""

_WEBHOOK_NAMES: Final = {
    "messageuuid": "message_uuid",
    "to": "to",
    "from": "from",
    "timestamp": "timestamp",
    "status": "status",
    "clientref": "client_ref",
    "apikey": "api_key",
}
"""The same of a Messages API status webhook."""


def receipts_in(text: Text, reader: Reader) -> Iterator[Found]:
    """What a text holds, line by line: receipts, what is refused, what is no receipt.

    Raises
    ------
    UnusableFile
        If it is neither JSON lines, nor an access log, nor CSV with a message ID.

    Examples
    --------
    >>> from datetime import datetime
    >>> from dlr_analytics.webhook.privacy import Privacy
    >>> line = '192.0.2.1 - - [25/Oct/2018:12:10:02 +0000] "GET /dlr?messageId=0A HTTP/1.1" 200 0'
    >>> reader = Reader(datetime(2026, 11, 24), Privacy())
    >>> [receipt.received_at for receipt in receipts_in(Text("a.log", line, iter([line])), reader)]
    [datetime.datetime(2018, 10, 25, 12, 10, 2)]
    """
    if not text.first:
        return iter(())
    if text.first.startswith("{"):
        return _each_line(text, lambda line, body: _from_json(line, body, reader))
    if read_line(text.first) is not None:
        return _each_line(text, lambda line, logged: _from_log(line, logged, reader))
    if text.first.startswith("["):
        raise UnusableFile(f"{text.name}: a JSON array", "write one object a line (jq -c '.[]')")
    return _from_table(text, reader)


def _each_line(text: Text, read: Callable[[int, str], Found]) -> Iterator[Found]:
    for line in numbered(text):
        yield line if isinstance(line, Refused) else read(*line)


def _from_json(line: int, text: str, reader: Reader) -> Found:
    """A webhook's body; ``received_at`` in it, where whoever logged it noted the time."""
    arrived_at = None
    if '"received_at"' in text:
        parameters = parse_json(text.lstrip())
        if not isinstance(parameters, Malformed) and text_of(parameters, "received_at"):
            try:
                arrived_at = moment(parameters, "received_at", "received_at")
            except ValueError as error:
                return Refused(line, str(error))
    return reader.read(line, b"", text.encode("utf-8", "surrogateescape"), arrived_at)


def _from_log(line: int, text: str, reader: Reader) -> Found:
    logged = read_line(text)
    if logged is None:
        return Refused(line, "no line of an access log")
    if logged.method == "POST":
        return POSTED
    if logged.method != "GET" or not _TELLS_A_MESSAGE.search(logged.query):
        return OTHER
    if logged.status in (401, 403):
        return TURNED_AWAY
    if _IS_INBOUND.search(logged.query) and not _HAS_STATUS.search(logged.query):
        return INBOUND
    return reader.read(line, logged.query, b"", logged.time)


def _from_table(text: Text, reader: Reader) -> Iterator[Found]:
    table = read_table(text)
    if not any(name in table.columns for name in MESSAGE_ID_NAMES):
        raise UnusableFile(
            f"{text.name}: no column with the message ID: {','.join(table.header)[:200]!r}",
            "give JSON lines, an access log, or CSV with the columns' names in the first line",
        )
    written = dict(zip(table.columns, table.header, strict=True))
    parameters = as_receipt if is_report(table.columns) else _as_call
    for row in table.rows:
        yield row if isinstance(row, Refused) else _from_row(row, parameters, written, reader)


def _from_row(
    row: Row,
    parameters: Callable[[Mapping[str, str], Mapping[str, str]], Parameters | Skipped],
    written: Mapping[str, str],
    reader: Reader,
) -> Found:
    raw = row.fields.get("raw", "")
    found = parse_json(raw) if raw.startswith("{") else parameters(row.fields, written)
    if isinstance(found, Skipped):
        return found
    if isinstance(found, Malformed):
        return Refused(row.line, f"raw: {found.reason}")
    try:
        arrived_at = "receivedat" in row.fields and moment(row.fields, "receivedat", "received_at")
    except ValueError as error:
        return Refused(row.line, str(error))
    body = to_json(found).encode("utf-8", "surrogateescape")
    return reader.read(row.line, b"", body, arrived_at or None)


def _as_call(row: Mapping[str, str], written: Mapping[str, str]) -> Parameters:
    """The parameters that a row says, under the wire's names; its other fields as they are."""
    names = _SMS_NAMES if "messageid" in row else _WEBHOOK_NAMES
    if "messageid" in row and "msisdn" not in row and not {"from", "sender"}.isdisjoint(row):
        # Whoever has a `from` beside `to` means the recipient by it, unlike the wire.
        names = names | {"from": "to", "to": "msisdn"}
    left_out = "scts" if "sctsraw" in row else ""
    return {names.get(name, written[name]): row[name] for name in row if name != left_out}
