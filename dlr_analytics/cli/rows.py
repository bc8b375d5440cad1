"""Output of rows: as an aligned table, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TextIO

import click

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


def write_csv(result: Result, file: TextIO) -> None:
    """Write the column names, then a line a row; values as in JSON, NULL empty."""
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(result.columns)
    for row in result:
        lines.writerow(map(_csv, row))


def _csv(value: object) -> object:
    from dlr_analytics.presentation.values import plain

    value = plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value


def write_json(result: Result, file: TextIO) -> None:
    """Write one array of objects, a line each; ``[]`` where there are no rows."""
    from dlr_analytics.presentation.values import plain

    separator = "["
    for row in result:
        file.write(separator + json.dumps(dict(zip(result.columns, map(plain, row), strict=True))))
        separator = ",\n"
    file.write("[]\n" if separator == "[" else "]\n")


def write_table(result: Result, file: TextIO) -> None:
    """Write aligned columns, numbers to the right; a query plan is not reformatted."""
    from dlr_analytics.presentation.text_table import aligned

    if result.columns == ("explain_key", "explain_value"):
        file.writelines(plan for _, plan in result)
        return
    heads, rows, right = _texts(result)
    file.writelines(f"{line}\n" for line in aligned([heads, *rows], right))


def write_md(result: Result, file: TextIO) -> None:
    """Write a Markdown table; whatever could be markup in a value is escaped."""
    from dlr_analytics.presentation.markdown import escaped, table

    heads, rows, right = _texts(result)
    lines = table(heads, [list(map(escaped, row)) for row in rows], right)
    file.writelines(f"{line}\n" for line in lines)


def _texts(result: Result) -> tuple[list[str], list[list[str]], list[bool]]:
    """The heads and the cells as text, and which columns hold numbers."""
    from dlr_analytics.presentation.values import cell, is_number

    rows = list(result)
    right = [any(is_number(row[place]) for row in rows) for place in range(len(result.columns))]
    return list(map(cell, result.columns)), [list(map(cell, row)) for row in rows], right


FORMATS: Final[dict[str, Callable[[Result, TextIO], None]]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "md": write_md,
}

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="table",
    help="How rows are printed.  [default: table]",
)


def write(result: Result, form: str) -> None:
    """Print the rows of a result on stdout, in the format of that name."""
    FORMATS[form](result, _stdout())
    sys.stdout.flush()


def write_lines(result: Result, pattern: str) -> None:
    """Print a line a row on stdout, in a pattern like ``{kind}: {text}``."""
    from dlr_analytics.presentation.values import cell

    for row in result:
        values = {
            name: cell(value, limit=1_000) for name, value in zip(result.columns, row, strict=True)
        }
        _stdout().write(f"{pattern.format(**values)}\n")
    sys.stdout.flush()


def _stdout() -> TextIO:
    """The standard output; characters that it lacks are written as numbers."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return sys.stdout
