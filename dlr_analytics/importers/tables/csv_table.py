"""CSV with a header, as rows of fields by plain column name.

The delimiter is a comma, a semicolon or a tab: the most frequent one in the header. An invalid row
is refused alone.
"""

from __future__ import annotations

import csv
import itertools
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.fields import plain_name
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import HAS_NUL, Text, TruncatedFile

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True, slots=True)
class Row:
    """The non-empty fields of a row, by plain name; ``line`` is its first line."""

    line: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header as written, its ``columns`` by plain name, and the rows."""

    header: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Iterator[Row | Refused]


def read_table(text: Text) -> Table:
    r"""Parse the header of a text; its rows are parsed as they are read.

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
    # Names without Latin letters have no plain name; columns without any may be empty.
    columns = tuple(plain_name(name) or name for name in header)
    rows = itertools.chain(_check_names(text.name, header, columns), _rows(reader, columns))
    return Table(header, columns, rows)


def _check_names(file: str, header: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[Row]:
    """Raise UnusableFile for two columns of one name: the later would win silently."""
    for n, column in enumerate(columns):
        if column and column in columns[:n]:
            first = header[columns.index(column)]
            raise UnusableFile(
                f"{file}: the columns {first!r} and {header[n]!r} mean the same field",
                "remove or rename one",
            )
    yield from ()


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
        except TruncatedFile as error:
            yield Refused(reader.line_num + 1, error.reason)
            return
        except csv.Error as error:
            until = f" (up to line {reader.line_num})" if reader.line_num > line else ""
            yield Refused(line, f"not CSV: {error}{until}")
            continue
        if fields:
            yield _row(line, columns, fields)


def _row(line: int, columns: tuple[str, ...], fields: list[str]) -> Row | Refused:
    if "\0" in "".join(fields):
        return Refused(line, HAS_NUL)
    if len(fields) != len(columns):
        return Refused(line, f"{len(fields)} fields where the header has {len(columns)}")
    unnamed = itertools.compress(fields, map(operator.not_, columns))
    if sum(map(bool, unnamed)) > 1:
        return Refused(line, "values in several columns without a name")
    return Row(line, {name: field for name, field in zip(columns, fields, strict=True) if field})
