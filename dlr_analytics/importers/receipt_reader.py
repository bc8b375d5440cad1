"""Receipts from the records of a file, read as the receiver reads a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from dlr_analytics.importers.fields import Fields, by_plain_name, plain_name, text_of, time_of
from dlr_analytics.importers.receipt_names import wire_parameters
from dlr_analytics.importers.reports_api import channel_of, is_report
from dlr_analytics.importers.tables.csv_table import Table
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.vocabulary import AHEAD_HOURS
from dlr_analytics.webhook.content import KINDS
from dlr_analytics.webhook.encoding import json_bytes
from dlr_analytics.webhook.judge import (
    REASONS,
    WEBHOOK_PATH,
    Ignore,
    Quarantine,
    Refuse,
    Request,
    Rules,
    Store,
    judge,
)
from dlr_analytics.webhook.parameters import Malformed, Parameters, parse_json, to_json
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

ReadReceipt: TypeAlias = Receipt | Refused | Skipped | QuarantineEntry
"""A receipt, why there is none, or what the line is instead, for the quarantine."""


@dataclass(frozen=True, slots=True)
class ReceiptReader:
    """A reader of receipts.

    ``now`` is the time of the import (naive UTC), ``privacy`` the storage of numbers. Signatures
    are not checked: the user who imports a file trusts it.

    Examples
    --------
    >>> reader = ReceiptReader(dt.datetime(2026, 11, 24, 8, 0), Privacy())
    >>> body = b'{"messageId": "0A", "message-timestamp": "2026-10-01 12:00:00"}'
    >>> reader.read(1, b"", body).received_at
    datetime.datetime(2026, 10, 1, 12, 0)
    >>> reader.read(2, b"", b'{"status": "delivered"}')
    Refused(line=2, reason='no message ID')
    """

    now: dt.datetime
    privacy: Privacy

    def read(
        self, line: int, query: bytes, body: bytes, arrived_at: dt.datetime | None = None
    ) -> ReadReceipt:
        """Read the receipt in a query or a body.

        Its ``received_at`` is ``arrived_at`` (naive UTC), if the file has that; else its
        message_timestamp; else, or if that is implausible, the time of the import.
        """
        if arrived_at is not None and arrived_at > self.now + dt.timedelta(hours=AHEAD_HOURS):
            return Refused(line, f"received_at {arrived_at} is more than a day ahead of the clock")
        request = Request("POST", WEBHOOK_PATH, query, {}, body, "")
        verdict = judge(request, Rules(privacy=self.privacy), arrived_at or self.now)
        if isinstance(verdict, Store):
            time = arrived_at or _plausible_timestamp(verdict.receipt) or self.now
            return replace(verdict.receipt, received_at=time, source="import")
        if isinstance(verdict, Ignore):
            return Skipped("empty requests")
        reason = verdict.reason
        if isinstance(verdict, Quarantine) and reason in KINDS:
            return QuarantineEntry(arrived_at or self.now, reason, verdict.raw)
        return Refused(line, REASONS[reason] if isinstance(verdict, Refuse) else reason)

    def read_table(self, table: Table) -> Iterator[ReadReceipt]:
        """Read a receipt from each row of a table, empty fields left out."""
        report = is_report(table.columns)
        spelling = dict(zip(table.columns, table.header, strict=True))
        for row in table.rows:
            if isinstance(row, Refused):
                yield row
            else:
                record = {spelling[name]: value for name, value in row.fields.items()}
                yield self.read_record(row.line, record, report=report)

    def read_record(
        self, line: int, record: Parameters, *, report: bool, text: str | None = None
    ) -> ReadReceipt:
        """Read the receipt in a record.

        A field ``raw`` with a JSON object has priority over the other fields, and a field
        ``received_at`` is the time of arrival, both in any spelling.

        Parameters
        ----------
        report : bool
            Whether the record is one of the Reports API.
        text : str, optional
            The JSON text of the record, read instead of it if its names are those of the wire.
        """
        found = self._read_record(line, record, report=report, text=text)
        channel = _stated_channel(record, report=report)
        if channel is None or not isinstance(found, Receipt):
            return found
        return replace(found, channel=channel)

    def _read_record(
        self, line: int, record: Parameters, *, report: bool, text: str | None
    ) -> ReadReceipt:
        try:
            fields = _own_fields(record)
            parameters = wire_parameters(record, report=report)
            arrived_at = self._arrival(fields, record)
        except ValueError as error:
            return Refused(line, str(error))
        if isinstance(parameters, Skipped):
            return parameters
        raw = text_of(fields, "raw") or ""
        if raw.startswith("{"):
            parsed = parse_json(raw)
            if isinstance(parsed, Malformed):
                return Refused(line, f"raw: {parsed.reason}")
            if arrived_at is None:
                return self.read_record(line, parsed, report=False)
            text, parameters = None, parsed
        if text is None or parameters != record:
            text = to_json(parameters)
        return self.read(line, b"", json_bytes(text), arrived_at)

    @staticmethod
    def _arrival(fields: Fields, record: Parameters) -> dt.datetime | None:
        if text_of(fields, "receivedat") is None:
            return None
        label = next(name for name in record if plain_name(name) == "receivedat")
        return time_of(fields, "receivedat", label)


def _own_fields(record: Parameters) -> Fields:
    """The fields that are none of the wire; ValueError if there are two of one."""
    names = ("raw", "receivedat")
    return by_plain_name({n: value for n, value in record.items() if plain_name(n) in names})


def _stated_channel(record: Parameters, *, report: bool) -> str | None:
    """The channel in a record of the Reports API or of the table ``receipts``.

    In others it is part of a Messages API webhook, or a parameter of the user's own.
    """
    fields = {plain_name(name): value for name, value in record.items()}
    if report:
        return channel_of(fields)
    of_receipts = "source" in fields and "channel" in fields
    return (text_of(fields, "channel") or "").lower() or None if of_receipts else None


def _plausible_timestamp(receipt: Receipt) -> dt.datetime | None:
    implausible = "message_timestamp_implausible" in receipt.problems
    return None if implausible else receipt.message_timestamp
