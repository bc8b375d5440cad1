"""JSON of logged webhook bodies and of Reports API records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.json_records import is_json, json_records
from dlr_analytics.importers.receipt_names import is_report_record
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused


def matches(source: Source) -> bool:
    """Check for JSON."""
    return is_json(source.text)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each record."""
    for found in json_records(source.text):
        if isinstance(found, Refused):
            yield found
        else:
            report = is_report_record(found.fields)
            yield reader.read_record(found.line, found.fields, report=report, text=found.text)


FORMAT: Final = Format("webhook bodies", matches, receipts=receipts)
