"""CSV of receipts, with names of the wire, ``receipts`` or Reports API exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.fields import MESSAGE_ID_NAMES
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader


def matches(source: Source) -> bool:
    """Check for a column with the message ID."""
    return any(name in source.table.columns for name in MESSAGE_ID_NAMES)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each row."""
    return reader.read_table(source.table)


FORMAT: Final = Format("CSV of receipts", matches, receipts=receipts)
