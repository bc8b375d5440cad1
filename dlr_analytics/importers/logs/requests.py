"""A logged request, whatever wrote the log, and the receipt in it.

Logs have no bodies, so only GET requests contain receipts.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Skipped

MESSAGE_ID: Final = re.compile(r"(?:^|[?&])message(?:[-_]?id|_uuid)=", re.IGNORECASE)
"""The name of the message ID in a query."""

_HAS_MESSAGE_ID: Final = re.compile(MESSAGE_ID.pattern.encode(), re.IGNORECASE)

OTHER: Final = Skipped("other requests")
POST: Final = Skipped("POST requests, whose bodies are not logged")
DENIED: Final = Skipped("denied requests")
NO_REQUEST: Final = Skipped("lines without a request")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A logged request; ``time`` is naive UTC, ``query`` the part after the ``?``.

    ``time`` and ``status``, that of the answer, are None where the log does not have them.
    """

    time: dt.datetime | None
    method: str
    query: bytes
    status: int | None


def receipt_of(line: int, logged: LoggedRequest, reader: ReceiptReader) -> ReadReceipt:
    """Read the receipt in a request; skip requests without one, and denied ones."""
    if logged.method == "POST":
        return POST
    if logged.method != "GET" or not _HAS_MESSAGE_ID.search(logged.query):
        return OTHER
    if logged.status in (401, 403):
        return DENIED
    return reader.read(line, logged.query, b"", logged.time)
