"""Rows on stdout: aligned or as Markdown for people, as CSV or JSON for machines."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


_INFINITE: Final = (
    *(dt.date.min, dt.date.max),
    *(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)),
)
"""What DuckDB makes of its infinite times."""


def write_csv(result: Result, file: TextIO) -> None:
    """A head, then a line a row; values as in JSON, NULL empty."""
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(result.columns)
    for row in result:
        lines.writerow(map(_csv, row))


def write_json(result: Result, file: TextIO) -> None:
    """One array of objects, a line each; `[]` where nothing was found."""
    separator = "["
    for row in result:
        file.write(separator + json.dumps(dict(zip(result.columns, map(plain, row), strict=True))))
        separator = ",\n"
    file.write("[]\n" if separator == "[" else "]\n")


def write_table(result: Result, file: TextIO) -> None:
    """Columns aligned, figures to the right; long text is cut. A plan stays as it is drawn."""
    from dlr_analytics.cli.aligned import lines

    if result.columns == ("explain_key", "explain_value"):
        file.writelines(plan for _, plan in result)
        return
    file.writelines(f"{line}\n" for line in lines(result.columns, result))


def write_md(result: Result, file: TextIO) -> None:
    """A Markdown table; whatever could be markup in a value is escaped."""
    from dlr_analytics.cli.aligned import markdown

    file.writelines(f"{line}\n" for line in markdown(result.columns, result))


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
    """Print the rows of a result on stdout."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where the terminal lacks a character, its number is better than a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    FORMATS[form](result, sys.stdout)
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """A value as JSON has it: times as ISO 8601 text, decimals as text, no NaN.

    Examples
    --------
    >>> plain([Decimal("1E-8"), float("nan"), dt.datetime(2026, 11, 1, 12), dt.date(2026, 11, 1)])
    ['0.00000001', None, '2026-11-01T12:00:00', '2026-11-01']
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return None if value in _INFINITE else value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    return value.hex() if isinstance(value, bytes) else str(value)


def _csv(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value
