"""CSV of receipts, with names of the wire, ``receipts`` or Reports API exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.fields import MESSAGE_ID_NAMES
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_names import is_send
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.reports_api import is_report


def matches(source: Source) -> bool:
    """Check for a column with the message ID."""
    return any(name in source.table.columns for name in MESSAGE_ID_NAMES)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each row.

    Raises
    ------
    UnusableFile
        If it has send times and no status.
    """
    columns = source.table.columns
    if is_send({*columns}) and not is_report(columns):
        raise UnusableFile(
            f"{source.text.name}: send times without a status: {source.header}", "use dlr sends"
        )
    return reader.read_table(source.table)


FORMAT: Final = Format("CSV of receipts", matches, receipts=receipts)
