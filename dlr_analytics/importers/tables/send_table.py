"""CSV of send times, with columns message_id, sent_at and optional ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.importers.fields import MESSAGE_ID_NAMES
from dlr_analytics.importers.formats import Format, ReadSend, Source
from dlr_analytics.importers.submit_responses import sends_of_record
from dlr_analytics.importers.tally import Refused


def matches(source: Source) -> bool:
    """Check for the columns message_id and sent_at."""
    columns = source.table.columns
    return "sentat" in columns and any(name in columns for name in MESSAGE_ID_NAMES)


def sends(source: Source) -> Iterator[ReadSend]:
    """Read the send records of each row."""
    for row in source.table.rows:
        if isinstance(row, Refused):
            yield row
            continue
        try:
            yield from sends_of_record(row.fields)
        except ValueError as error:
            yield Refused(row.line, str(error))


FORMAT: Final = Format("CSV of send times", matches, sends=sends)
