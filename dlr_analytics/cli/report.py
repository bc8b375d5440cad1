"""``dlr report``: the delivery-rate report, in the format of the file's suffix."""

from __future__ import annotations

from pathlib import Path

import click

from dlr_analytics.cli.diagnostics import warn_ahead
from dlr_analytics.cli.options import PARAMETERS, data_option, memory_option


@click.command()
@data_option
@memory_option
@click.option("--since", metavar="D", help="Messages from this date or time on.")
@click.option("--until", metavar="D", help="Messages before this date or time.")
@click.option("--as-of", metavar="T", help="Leave out what came later.  [default: the newest]")
@click.option("--tz", metavar="ZONE", help="Of days, and of times without one.  [default: UTC]")
@PARAMETERS["channel"]
@click.option(
    "-o",
    "path",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    metavar="FILE",
    help="Ends in .html, .pdf, .xlsx or .md.  [default: report.html]",
)
def report(
    data: str | None,
    memory: str | None,
    since: str | None,
    until: str | None,
    as_of: str | None,
    tz: str | None,
    channel: str | None,
    path: Path,
) -> None:
    """Write the delivery-rate report.

    Without dates it covers the 30 days up to the newest message. It is one file that needs no
    network; a PDF needs a Chromium or Chrome.
    """
    import dlr_analytics
    from dlr_analytics.report import headline, output
    from dlr_analytics.report.gather.report import gather

    output.check(path)
    database = dlr_analytics.open(data, memory)
    made = gather(database, since, until, as_of, tz or "UTC", channel)
    output.write(made, path)
    warn_ahead(made.ahead)
    if made.extent is None:
        click.echo(f"dlr: {headline.remedy(made)}", err=True)
    click.echo(headline.summary(made))
    click.echo(path)
