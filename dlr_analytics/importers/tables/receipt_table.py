"""CSV of receipts, with names of the wire, ``receipts`` or Reports API exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.fields import MESSAGE_ID_NAMES
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.reports_api import is_report
from dlr_analytics.importers.tables import send_table


def matches(source: Source) -> bool:
    """Check for a column with the message ID."""
    return any(name in source.table.columns for name in MESSAGE_ID_NAMES)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each row.

    Raises
    ------
    UnusableFile
        If there is no column with the status: without any, each row would be the newest receipt.
    """
    columns = set(source.table.columns)
    if is_report(columns) or not columns.isdisjoint({"status", "raw"}):
        return reader.read_table(source.table)
    name, header = source.text.name, source.header
    if send_table.matches(source):
        raise UnusableFile(f"{name}: send times without a status: {header}", "use dlr sends")
    raise UnusableFile(f"{name}: no column with the status: {header}", "add it, as status")


FORMAT: Final = Format("CSV of receipts", matches, receipts=receipts)
