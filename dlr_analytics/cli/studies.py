"""The studies as commands, each a question over time.

A study's command takes its own options and those of a question that it has in Python; see
:data:`dlr_analytics.analysis.metrics.STUDIES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from dlr_analytics.cli.diagnostics import warn_no_match
from dlr_analytics.cli.options import (
    data_option,
    memory_option,
    open_database,
    parameter_options,
)
from dlr_analytics.cli.rows import FORMATS, format_option, write, write_lines

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


def answer(
    question: str, data: str | None, memory: str | None, form: str, **parameters: Any
) -> Result:
    """Compute a metric or a study, and print its rows."""
    with open_database(data, memory) as database:
        found = database.ask(question, parameters)  # type: ignore[arg-type]
        write(found, form)
        warn_no_match(database, found, parameters)
    return found


@click.command()
@click.argument("figure", default="delivery_rate")
@click.option(
    "--periods", type=int, default=12, metavar="N", help="Earlier ones, 5 to 52.  [default: 12]"
)
@data_option
@memory_option
@parameter_options("unit")
@format_option
def compare(**options: Any) -> None:
    """Compare a period with earlier ones: did FIGURE change, or is it noise?

    FIGURE is delivery_rate, the default, or cost_per_message. The period is by default the 7 whole
    days before the day of as of.
    """
    answer("compare", **options)


@click.command()
@click.argument("figure", default="delivery_rate")
@click.option("--against", metavar="D/D", help="The period before.  [default: the one just before]")
@data_option
@memory_option
@parameter_options("unit")
@format_option
def decompose(**options: Any) -> None:
    """Decompose the difference of FIGURE between two periods: what moved it?

    FIGURE is delivery_rate, the default, or cost_per_message. The period is by default the 7 whole
    days before the day of as of.
    """
    answer("decompose", **options)


@click.command()
@data_option
@memory_option
@parameter_options("unit")
@format_option
def changes(data: str | None, memory: str | None, form: str, **parameters: Any) -> None:
    """List when the delivery rate changed, and by how much.

    Only changes of 2 points and more, largest first; earliest and latest are about 90 % sure.
    """
    answer("changes", data, memory, form, **parameters)


@click.command()
@data_option
@memory_option
@parameter_options("by", "unit")
@format_option
def prices(data: str | None, memory: str | None, form: str, **parameters: Any) -> None:
    """List the changes of prices, and what they have cost since.

    What most messages paid in the 7 days before, against the 3 days from then.
    """
    answer("prices", data, memory, form, **parameters)


@click.command()
@data_option
@memory_option
@parameter_options("by", "since", "until", "unit")
@format_option
def forecast(data: str | None, memory: str | None, form: str, **parameters: Any) -> None:
    """Expect what the month of as of will have cost at its end, by currency."""
    answer("forecast", data, memory, form, **parameters)


@click.command()
@data_option
@memory_option
@parameter_options("by", "since", "until", "unit", "as_of")
@click.option("--as-of", metavar="T", help="Leave out what came later.  [default: now]")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Print rows in this format.  [default: one line an alert]",
)
def watch(data: str | None, memory: str | None, form: str | None, **parameters: Any) -> int:
    """Find what is wrong just now: silence, delivery, latency, filtered, volume.

    Exit status 1 if there is any alert.
    """
    with open_database(data, memory) as database:
        found = database.ask("watch", parameters)  # type: ignore[arg-type]
        if form is None:
            write_lines(found, "{kind}: {text}")
        else:
            write(found, form)
        warn_no_match(database, found, parameters)
    return 1 if len(found) else 0


COMMANDS: Final[tuple[click.Command, ...]] = (compare, decompose, changes, prices, forecast, watch)
"""The commands, in the order of ``dlr --help``."""
