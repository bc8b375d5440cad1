"""CSV with a header, row by row: read by the names of its columns, refused row by row.

The delimiter is a comma, a semicolon or a tab, whichever the header has most of. Names are compared
as :func:`plain` leaves them, so that ``message-id``, ``messageId`` and ``MESSAGE_ID`` are one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import HOLDS_NUL, Text, TornFile

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a row that are not empty, by plain name; ``line`` is where it begins."""

    line: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header, and what stands below it. ``columns`` are plain names, in order."""

    header: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Iterator[Row | Refused]


def plain(name: str) -> str:
    """A name without regard to case and to what joins its words.

    Examples
    --------
    >>> plain("message-id"), plain("messageId"), plain("MESSAGE_ID ")
    ('messageid', 'messageid', 'messageid')
    """
    return re.sub("[^a-z0-9]", "", name.lower())


def read_table(text: Text) -> Table:
    r"""The table in a text.

    Examples
    --------
    >>> text = Text("log.csv", "Message-ID;sent_at", iter(["Message-ID;sent_at\n", '"0A";\n']))
    >>> table = read_table(text)
    >>> table.columns, list(table.rows)
    (('messageid', 'sentat'), [Row(line=2, fields={'messageid': '0A'})])
    """
    delimiter = max(",;\t", key=text.first.count)
    reader = csv.reader(text.lines, delimiter=delimiter, strict=True)
    header = tuple(name.strip() for name in _header(reader))
    columns = tuple(plain(name) for name in header)
    return Table(header, columns, _rows(reader, columns))


def _header(reader: Reader) -> list[str]:
    try:
        return next((row for row in reader if row), [])
    except csv.Error:
        return []


def _rows(reader: Reader, columns: tuple[str, ...]) -> Iterator[Row | Refused]:
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except TornFile as error:
            yield Refused(reader.line_num + 1, error.reason)
            return
        except csv.Error as error:
            until = f" (up to line {reader.line_num})" if reader.line_num > line else ""
            yield Refused(line, f"not CSV: {error}{until}")
            continue
        if fields:
            yield _row(line, columns, fields)


def _row(line: int, columns: tuple[str, ...], fields: list[str]) -> Row | Refused:
    if any("\0" in field for field in fields):
        return Refused(line, HOLDS_NUL)
    if len(fields) != len(columns):
        return Refused(line, f"{len(fields)} fields where the header has {len(columns)}")
    return Row(line, {name: field for name, field in zip(columns, fields, strict=True) if field})
