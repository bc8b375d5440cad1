"""The studies as commands, each a question over time.

A study's command takes its own options and those of a question that it has in Python; see
:data:`dlr_analytics.analysis.metrics.STUDIES`.
"""

from __future__ import annotations

from typing import Any, Final

import click

from dlr_analytics.cli.options import (
    data_option,
    memory_option,
    open_database,
    parameter_options,
)
from dlr_analytics.cli.rows import format_option, write


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


COMMANDS: Final[tuple[click.Command, ...]] = (prices,)
"""The commands, in the order of ``dlr --help``."""


def answer(study: str, data: str | None, memory: str | None, form: str, **parameters: Any) -> None:
    """Compute a study and print its rows."""
    with open_database(data, memory) as database:
        write(database.ask(study, parameters), form)  # type: ignore[arg-type]
