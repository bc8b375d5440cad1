"""The studies as commands, each a question over time.

A study's command takes its own options and those of a question that it has in Python; see
:data:`dlr_analytics.analysis.metrics.STUDIES`.
"""

from __future__ import annotations

from typing import Any, Final

import click

from dlr_analytics.cli.options import open_database
from dlr_analytics.cli.rows import write

COMMANDS: Final[tuple[click.Command, ...]] = ()
"""The commands, in the order of ``dlr --help``."""


def answer(study: str, data: str | None, memory: str | None, form: str, **parameters: Any) -> None:
    """Compute a study and print its rows."""
    with open_database(data, memory) as database:
        write(database.ask(study, parameters), form)  # type: ignore[arg-type]
