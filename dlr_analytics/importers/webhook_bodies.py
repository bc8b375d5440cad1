"""JSON of logged webhook bodies, of Reports API records and of logged requests.

A record without a message ID may be of a log: then its request is read. While a file has shown no
receipt, records of a log without one are only counted: if it ends so, one hint by its shape
replaces them.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dlr_analytics.importers.fields import MESSAGE_ID_NAMES, plain_name
from dlr_analytics.importers.formats import Format, Source
from dlr_analytics.importers.json_records import JsonRecord, is_json, json_records
from dlr_analytics.importers.logs.hints import Hint, record_hint
from dlr_analytics.importers.logs.json_requests import request_of
from dlr_analytics.importers.logs.requests import NO_REQUEST, receipt_of
from dlr_analytics.importers.receipt_names import is_report_record
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.tally import Refused


def matches(source: Source) -> bool:
    """Check for JSON."""
    return is_json(source.text)


def receipts(source: Source, reader: ReceiptReader) -> Iterator[ReadReceipt]:
    """Read a receipt from each record.

    Raises
    ------
    UnusableFile
        At the end, if it is a log without a request, or its receipts are inside other records.
    """
    held = _Held()
    for found in json_records(source.text):
        item = found if isinstance(found, Refused) else _read(found, reader)
        if isinstance(item, Hint):
            held.hold(item, found.line)
            continue
        if not isinstance(item, Refused):
            held.has_more = True
            yield from held.released()
        yield item
    if held.hint is not None and not held.has_more:
        raise held.hint.error(source.text.name)
    yield from held.released()


@dataclass(slots=True)
class _Held:
    """Records without a receipt of their own: lines of a log, and ``nested`` receipts."""

    hint: Hint | None = None
    lines: int = 0
    nested: array[int] = field(default_factory=lambda: array("Q"))
    has_more: bool = False

    def hold(self, hint: Hint, line: int) -> None:
        self.hint = hint if self.hint is None or self.hint.is_general else self.hint
        if hint.is_general:
            self.lines += 1
        else:
            self.nested.append(line)

    def released(self) -> Iterator[ReadReceipt]:
        yield from itertools.repeat(NO_REQUEST, self.lines)
        yield from (
            Refused(line, "no message ID: it is inside another record") for line in self.nested
        )
        self.lines, self.nested = 0, array("Q")


def _read(found: JsonRecord, reader: ReceiptReader) -> ReadReceipt | Hint:
    if not any(plain_name(name) in MESSAGE_ID_NAMES for name in found.fields):
        try:
            logged = request_of(found.fields)
        except ValueError as error:
            return Refused(found.line, str(error))
        if logged is not None:
            return receipt_of(found.line, logged, reader)
        if (hint := record_hint(found.fields)) is not None:
            return hint
    report = is_report_record(found.fields)
    return reader.read_record(found.line, found.fields, report=report, text=found.text)


FORMAT: Final = Format("webhook bodies", matches, receipts=receipts)
