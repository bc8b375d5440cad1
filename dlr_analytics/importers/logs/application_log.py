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
    for found in numbered_lines(source.all_lines):
        if isinstance(found, Refused):
            yield found
            continue
        line, text = found
        try:
            logged = read_line(text.rstrip())
        except ValueError as error:
            has_request = True
            yield Refused(line, str(error))
            continue
        has_request = has_request or logged is not None
        if not has_request and (hint is None or hint.is_general):
            hint = text_hint(text) or hint
        yield NO_REQUEST if logged is None else receipt_of(line, logged, reader)
    if not has_request:
        raise (hint or _no_format(source)).error(source.text.name)


def _no_format(source: Source) -> Hint:
    return Hint(
        f"no column with the message ID: {source.header}",
        "give JSON, CSV with the columns' names in the first line, or a log with URLs",
    )


FORMAT: Final = Format("application log", matches, receipts=receipts)
