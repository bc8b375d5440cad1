r"""Access logs of nginx and Apache: common, combined and similar formats.

A line has a time in brackets, later the request in quotes and the status of the answer. Lines of
another program between them are read as those of an application log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.logs.requests import NO_REQUEST, LoggedRequest, receipt_of
from dlr_analytics.importers.logs.text_lines import find_request, unescape
from dlr_analytics.importers.logs.times import find_time, read_log_time
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import numbered_lines

_LINE: Final = re.compile(
    r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}|\d{4}-\d\d-\d\dT[^\]\s]{8,20})\]"
    r'.*?"(?P<method>[A-Z]+) (?P<target>(?:[^" \\]|\\.)*)(?: HTTP/[\d.]+)?" (?P<status>\d{3})\b'
)


def parse_line(line: str) -> LoggedRequest | None:
    r"""Parse a line; None if it is not of an access log.

    Examples
    --------
    >>> parse_line('192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "GET /dlr?to=Acme HTTP/1.1" 200 0')
    LoggedRequest(time=datetime.datetime(2018, 10, 25, 12, 10, 2), method='GET', ...)
    """
    match = _LINE.search(line)
    time = match and read_log_time(match["time"])
    if match is None or time is None:
        return None
    _, _, query = match["target"].partition("?")
    return LoggedRequest(time, match["method"], unescape(query), int(match["status"]))


def matches(source: Source) -> bool:
    """Check whether the first line is of an access log."""
    return parse_line(source.text.first) is not None


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each line with a GET request of the webhook."""
    for line in numbered_lines(source.text):
        yield line if isinstance(line, Refused) else _receipt(*line, reader)


def _receipt(line: int, text: str, reader: ReceiptReader) -> ReadReceipt:
    try:
        logged = parse_line(text) or find_request(text)
    except ValueError as error:
        return Refused(line, str(error))
    if logged is not None:
        return receipt_of(line, logged, reader)
    return NO_REQUEST if find_time(text) else Refused(line, "not a line of an access log")


FORMAT: Final = Format("access log", matches, receipts=receipts)
