"""``dlr report``: the delivery-rate report, in the format of the file's suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlr_analytics.cli.diagnostics import warn_ahead
from dlr_analytics.cli.options import (
    PARAMETERS,
    data_option,
    memory_option,
    opened,
    parse_by,
    table_option,
)


@click.command()
@data_option
@memory_option
@click.option(
    "--by",
    metavar="A|NAME=SQL",
    multiple=True,
    callback=parse_by,
    help="Own dimensions: columns or expressions; at most three. Repeatable.",
)
@table_option
@PARAMETERS["since"]
@PARAMETERS["until"]
@click.option("--month", metavar="M", help="A month in --tz, like 2026-11; no other limits.")
@PARAMETERS["where"]
@PARAMETERS["as_of"]
@PARAMETERS["tz"]
@PARAMETERS["unit"]
@PARAMETERS["channel"]
@click.option("--title", metavar="T", help="Above the finding; names the document.")
@click.option("--target", metavar="RATE", help="A line in the trend, like 95%.")
@click.option(
    "-o",
    "path",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    metavar="FILE",
    help="Ends in .html, .pdf, .xlsx, .md or .eml.  [default: report.html]",
)
def report(data: str | None, memory: str | None, path: Path, **options: Any) -> None:
    """Write the delivery-rate report.

    Without dates it covers the 30 days up to the newest message. It is one file that needs no
    network; a PDF needs a Chromium or Chrome.
    """
    from dlr_analytics.report import headline
    from dlr_analytics.report.make import make
    from dlr_analytics.settings.parsers import check_output_file

    check_output_file(path)
    database = opened(data, memory)
    made = make(database, path, options)  # type: ignore[arg-type]
    warn_ahead(made.ahead)
    if made.extent is None:
        click.echo(f"dlr: {headline.remedy(made)}", err=True)
    click.echo(headline.summary(made))
    click.echo(path)
