r"""Access logs of nginx and Apache: common, combined and similar formats.

A line has a time in brackets, later the request in quotes and the status of the answer. Access logs
have no bodies, so only GET requests contain receipts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import numbered_lines
from dlr_analytics.webhook.fields import read_time

_LINE: Final = re.compile(
    r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}|\d{4}-\d\d-\d\dT[^\]\s]{8,20})\]"
    r'.*?"(?P<method>[A-Z]+) (?P<target>(?:[^" \\]|\\.)*)(?: HTTP/[\d.]+)?" (?P<status>\d{3})\b'
)
_ESCAPED: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([\"\\]))")
_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]

_HAS_MESSAGE_ID: Final = re.compile(rb"(?:^|&)message(?:[-_]?id|_uuid)=", re.IGNORECASE)
_IS_INBOUND: Final = re.compile(rb"(?:^|&)type=(?:text|unicode|binary)(?:&|$)")
_HAS_STATUS: Final = re.compile(rb"(?:^|&)status=")

OTHER: Final = Skipped("other requests")
POST: Final = Skipped("POST requests, whose bodies are not logged")
DENIED: Final = Skipped("denied requests")
INBOUND: Final = Skipped("inbound messages")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A logged request; ``time`` is naive UTC, ``query`` the part after the ``?``."""

    time: dt.datetime
    method: str
    query: bytes
    status: int


def parse_line(line: str) -> LoggedRequest | None:
    r"""Parse a line; None if it is not of an access log.

    Examples
    --------
    >>> parse_line('192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "GET /dlr?to=Acme HTTP/1.1" 200 0')
    LoggedRequest(time=datetime.datetime(2018, 10, 25, 12, 10, 2), method='GET', ...)
    """
    match = _LINE.search(line)
    time = match and _read_time(match["time"])
    if match is None or time is None:
        return None
    _, _, query = match["target"].partition("?")
    return LoggedRequest(time, match["method"], _unescape(query), int(match["status"]))


def _read_time(text: str) -> dt.datetime | None:
    if text[2] != "/":
        return read_time(text)
    day, month, rest = text.split("/")
    if month not in _MONTHS:
        return None
    year, clock = rest.split(":", 1)
    return read_time(f"{year}-{_MONTHS.index(month) + 1:02d}-{day} {clock}")


def _unescape(query: str) -> bytes:
    r"""Undo the escapes of quotes and control characters in a log."""
    raw = query.encode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda m: m[2] or bytes([int(m[1], 16)]), raw) if b"\\" in raw else raw


def matches(source: Source) -> bool:
    """Check whether the first line is of an access log."""
    return parse_line(source.text.first) is not None


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each line with a GET request of the webhook."""
    for line in numbered_lines(source.text):
        yield line if isinstance(line, Refused) else _receipt(*line, reader)


def _receipt(line: int, text: str, reader: ReceiptReader) -> ReadReceipt:
    logged = parse_line(text)
    if logged is None:
        return Refused(line, "not a line of an access log")
    if logged.method == "POST":
        return POST
    if logged.method != "GET" or not _HAS_MESSAGE_ID.search(logged.query):
        return OTHER
    if logged.status in (401, 403):
        return DENIED
    if _IS_INBOUND.search(logged.query) and not _HAS_STATUS.search(logged.query):
        return INBOUND
    return reader.read(line, logged.query, b"", logged.time)


FORMAT: Final = Format("access log", matches, receipts=receipts)
