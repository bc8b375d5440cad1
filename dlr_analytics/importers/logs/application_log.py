"""Logs of load balancers and applications: any text with URLs of requests.

Lines without a request are skipped, since such logs are about other things too. A file without any
request is refused as a whole, with a hint by its shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.logs.hints import Hint, text_hint
from dlr_analytics.importers.logs.json_requests import read_line
from dlr_analytics.importers.logs.requests import NO_REQUEST, receipt_of
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import numbered_lines

_HELD: Final = 10_000
"""Lines that are held until the first request: a file without any has one hint and no counts."""


def matches(source: Source) -> bool:
    """Match any text: what a log begins with says nothing about the rest."""
    return source.text.first != ""


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each line with a GET request of the webhook.

    Raises
    ------
    UnusableFile
        At the end, if no line has a request.
    """
    has_request = False
    hint: Hint | None = None
    held: list[ReadReceipt] = []
    for found in numbered_lines(source.all_lines):
        item = found if isinstance(found, Refused) else _read(*found, reader)
        if not has_request and isinstance(found, tuple):
            has_request = item is not NO_REQUEST
            hint = text_hint(found[1]) or hint if hint is None or hint.is_general else hint
        held.append(item)
        if has_request or len(held) == _HELD:
            yield from held
            held.clear()
    if not has_request:
        raise (hint or _no_format(source)).error(source.text.name)


def _read(line: int, text: str, reader: ReceiptReader) -> ReadReceipt:
    try:
        logged = read_line(text.rstrip())
    except ValueError as error:
        return Refused(line, str(error))
    return NO_REQUEST if logged is None else receipt_of(line, logged, reader)


def _no_format(source: Source) -> Hint:
    return Hint(
        f"no column with the message ID: {source.header}",
        "give JSON, CSV with the columns' names in the first line, or a log with URLs",
    )


FORMAT: Final = Format("application log", matches, receipts=receipts)
