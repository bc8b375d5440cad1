"""JSON lines of webhook bodies, as an application may have logged them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.fields import text_of, time_of
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import numbered_lines
from dlr_analytics.webhook.parameters import Malformed, parse_json


def matches(source: Source) -> bool:
    """Check for JSON lines."""
    return source.text.first.startswith("{")


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each line."""
    for line in numbered_lines(source.text):
        yield line if isinstance(line, Refused) else _receipt(*line, reader)


def _receipt(line: int, text: str, reader: ReceiptReader) -> ReadReceipt:
    """Read a body; a member ``received_at``, added by a log, is the arrival time."""
    arrived_at = None
    if '"received_at"' in text:
        parameters = parse_json(text.lstrip())
        if not isinstance(parameters, Malformed) and text_of(parameters, "received_at"):
            try:
                arrived_at = time_of(parameters, "received_at", "received_at")
            except ValueError as error:
                return Refused(line, str(error))
    return reader.read(line, b"", text.encode("utf-8", "surrogateescape"), arrived_at)


FORMAT: Final = Format("webhook bodies", matches, receipts=receipts)
