"""The record of an import format: how to detect it and how to read it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from dlr_analytics.importers.tables.csv_table import Table, read_table
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.privacy import mask_numbers

if TYPE_CHECKING:
    # The reader of receipts knows the names of formats, so importing it here would be a cycle.
    from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader

ReadSend: TypeAlias = Send | Refused | Skipped


class Source:
    """A text to import, as the formats see it.

    ``table`` parses the CSV header, which consumes it: formats that read lines have to match on
    ``text.first`` and come before those that look at the table, or read ``all_lines``.
    """

    def __init__(self, text: Text) -> None:
        self.text = text
        self._head: list[str] = []
        self._is_recording = True

    @cached_property
    def table(self) -> Table:
        """The text as CSV with a header."""
        table = read_table(replace(self.text, lines=self._recorded()))
        self._is_recording = False
        return table

    def _recorded(self) -> Iterator[str]:
        for line in self.text.lines:
            if self._is_recording:
                self._head.append(line)
            yield line

    @property
    def all_lines(self) -> Text:
        """The text with the lines of the header, for a format that reads no table."""
        return replace(self.text, lines=itertools.chain(self._head, self.text.lines))

    @property
    def header(self) -> str:
        """The header for an error message, quoted and truncated, numbers masked."""
        return repr(mask_numbers(",".join(self.table.header))[:200])


@dataclass(frozen=True, slots=True)
class Format:
    """An import format; ``receipts`` or ``sends`` is None where it has none of them."""

    name: str
    matches: Callable[[Source], bool]
    receipts: Callable[[Source, ReceiptReader], Iterator[ReadReceipt]] | None = None
    sends: Callable[[Source], Iterator[ReadSend]] | None = None
