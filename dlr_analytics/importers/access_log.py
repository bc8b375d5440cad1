r"""A line of an access log: when a request came, its query, and what it was answered.

nginx and Apache, common, combined and formats like them: a time in brackets, later the request in
quotes and the answer's status. Bodies are in no access log, so only GET requests tell a receipt.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from dlr_analytics.webhook.fields import read_time

_LINE: Final = re.compile(
    r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}|\d{4}-\d\d-\d\dT[^\]\s]{8,20})\]"
    r'.*?"(?P<method>[A-Z]+) (?P<target>(?:[^" \\]|\\.)*)(?: HTTP/[\d.]+)?" (?P<status>\d{3})\b'
)
_ESCAPED: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([\"\\]))")
_MONTHS: Final = (
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
)


@dataclass(frozen=True, slots=True)
class Logged:
    """A request as it was logged. ``time`` is naive UTC, ``query`` what stood after the ``?``."""

    time: dt.datetime
    method: str
    query: bytes
    status: int


def read_line(line: str) -> Logged | None:
    r"""The request that a line tells of; None where it is no line of an access log.

    Examples
    --------
    >>> read_line('192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "GET /dlr?to=Acme HTTP/1.1" 200 0')
    Logged(time=datetime.datetime(2018, 10, 25, 12, 10, 2), method='GET', query=b'to=Acme', ...)
    """
    match = _LINE.search(line)
    time = match and _read_time(match["time"])
    if match is None or time is None:
        return None
    _, _, query = match["target"].partition("?")
    return Logged(time, match["method"], _unescaped(query), int(match["status"]))


def _read_time(text: str) -> dt.datetime | None:
    if text[2] != "/":
        return read_time(text)
    day, month, rest = text.split("/")
    if month not in _MONTHS:
        return None
    year, clock = rest.split(":", 1)
    return read_time(f"{year}-{_MONTHS.index(month) + 1:02d}-{day} {clock}")


def _unescaped(query: str) -> bytes:
    r"""What was asked, without the escapes that keep a log's quotes and lines whole."""
    raw = query.encode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda m: m[2] or bytes([int(m[1], 16)]), raw) if b"\\" in raw else raw
