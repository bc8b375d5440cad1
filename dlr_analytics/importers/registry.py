"""The registry of import formats. To add one, write its module and list it here.

The first format that matches and has what is wanted reads the file. Formats that match by the first
line come before those of tables, see :class:`~dlr_analytics.importers.formats.Source`; the last one
reads any text that nothing else reads, as a log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers import (
    reports_api,
    submit_responses,
    webhook_bodies,
)
from dlr_analytics.importers.formats import ReadSend, Source
from dlr_analytics.importers.logs import access_log, application_log
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tables import receipt_table, send_table
from dlr_analytics.importers.text_files import Text

FORMATS: Final = (
    webhook_bodies.FORMAT,
    submit_responses.FORMAT,
    access_log.FORMAT,
    send_table.FORMAT,
    reports_api.FORMAT,
    receipt_table.FORMAT,
    application_log.FORMAT,
)


def read_receipts(text: Text, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read the receipts of a text in any format that has some.

    Returns
    -------
    iterator of Receipt, Refused or Skipped
        In the order of the text.

    Raises
    ------
    UnusableFile
        If the text is neither JSON, nor CSV with a message ID, nor a log with requests in it; on
        iteration, since a log may begin with anything.

    Examples
    --------
    >>> from datetime import datetime
    >>> from dlr_analytics.webhook.privacy import Privacy
    >>> line = '192.0.2.1 - - [25/Oct/2018:12:10:02 +0000] "GET /dlr?messageId=0A HTTP/1.1" 200 0'
    >>> reader = ReceiptReader(datetime(2026, 11, 24), Privacy())
    >>> [found.received_at for found in read_receipts(Text("a.log", line, iter([line])), reader)]
    [datetime.datetime(2018, 10, 25, 12, 10, 2)]
    """
    if not text.first:
        return iter(())
    source = Source(text)
    for each in FORMATS:
        if each.receipts and each.matches(source):
            return each.receipts(source, reader)
    raise AssertionError("the last format reads any text")


def read_sends(text: Text) -> Iterator[ReadSend]:
    r"""Read the send records of a text in any format that has some.

    Returns
    -------
    iterator of Send, Refused or Skipped
        In the order of the text.

    Raises
    ------
    UnusableFile
        If the text is neither JSON nor CSV with the required columns.

    Examples
    --------
    >>> lines = ["message_id,sent_at\n", "0A,2026-11-24 08:00:00\n", "0B,noon\n"]
    >>> for found in read_sends(Text("sends.csv", lines[0].strip(), iter(lines))):
    ...     print(found)
    Send(message_id='0A', sent_at=datetime.datetime(2026, 11, 24, 8, 0), ...
    Refused(line=3, reason="sent_at 'noon' is not a time; write 2026-11-24T08:00:00Z")
    """
    if not text.first:
        return iter(())
    source = Source(text)
    for each in FORMATS:
        if each.sends and each.matches(source):
            return each.sends(source)
    raise UnusableFile(
        f"{text.name}: neither the columns message_id and sent_at nor a Reports API export's:"
        f" {source.header}",
        "give JSON of submit responses, or CSV with the columns' names in the first line",
    )
