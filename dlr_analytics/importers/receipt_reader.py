"""Receipts from the records of a file, read as the receiver reads a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from dlr_analytics.importers.csv_table import Row, Table
from dlr_analytics.importers.fields import time_of
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.webhook.judge import (
    REASONS,
    WEBHOOK_PATH,
    Ignore,
    Refuse,
    Request,
    Rules,
    Store,
    judge,
)
from dlr_analytics.webhook.parameters import Malformed, Parameters, parse_json, to_json
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

ReadReceipt: TypeAlias = Receipt | Refused | Skipped

AHEAD: Final = dt.timedelta(days=1)
"""How far a ``received_at`` may be ahead of the clock."""

ToParameters: TypeAlias = Callable[[Mapping[str, str], Mapping[str, str]], Parameters | Skipped]
"""Converts a row to the parameters of a receipt.

The first argument is the row by plain names, the second the header's spelling of each name.
"""


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
        if arrived_at is not None and arrived_at > self.now + AHEAD:
            return Refused(line, f"received_at {arrived_at} is more than a day ahead of the clock")
        request = Request("POST", WEBHOOK_PATH, query, {}, body, "")
        verdict = judge(request, Rules(privacy=self.privacy), arrived_at or self.now)
        if isinstance(verdict, Store):
            time = arrived_at or _plausible_timestamp(verdict.receipt) or self.now
            return replace(verdict.receipt, received_at=time, source="import")
        if isinstance(verdict, Ignore):
            return Skipped("empty requests")
        reason = verdict.reason
        return Refused(line, REASONS[reason] if isinstance(verdict, Refuse) else reason)

    def read_table(self, table: Table, to_parameters: ToParameters) -> Iterator[ReadReceipt]:
        """Read a receipt from each row of a table.

        A column ``raw`` with a JSON object has priority over the other columns, and a column
        ``received_at`` is the time of arrival.
        """
        spelling = dict(zip(table.columns, table.header, strict=True))
        for row in table.rows:
            if isinstance(row, Refused):
                yield row
            else:
                yield self._read_row(row, spelling, to_parameters)

    def _read_row(
        self, row: Row, spelling: Mapping[str, str], to_parameters: ToParameters
    ) -> ReadReceipt:
        raw = row.fields.get("raw", "")
        parameters = parse_json(raw) if raw.startswith("{") else to_parameters(row.fields, spelling)
        if isinstance(parameters, Skipped):
            return parameters
        if isinstance(parameters, Malformed):
            return Refused(row.line, f"raw: {parameters.reason}")
        arrived_at = None
        if "receivedat" in row.fields:
            try:
                arrived_at = time_of(row.fields, "receivedat", "received_at")
            except ValueError as error:
                return Refused(row.line, str(error))
        body = to_json(parameters).encode("utf-8", "surrogateescape")
        return self.read(row.line, b"", body, arrived_at)


def _plausible_timestamp(receipt: Receipt) -> dt.datetime | None:
    implausible = "message_timestamp_implausible" in receipt.problems
    return None if implausible else receipt.message_timestamp
