"""Options shared by several commands, and the database that they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from dlr_analytics.cli.diagnostics import complain, warn_ahead, warn_no_receipts

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.dimensions import By

Command = TypeVar("Command", bound=Callable[..., Any])

data_option = click.option(
    "--data", metavar="DIR", help="The data directory.  [DLR_DATA; default: data]"
)

shown_data_option = click.option(
    "--data",
    metavar="DIR",
    help="The data directory.  [DLR_DATA; default: data if it is one, else the sample]",
)
"""Of commands that show the simulated sample where there is no data directory."""

memory_option = click.option(
    "--memory", metavar="SIZE", help="Memory it may take, like 2GiB.  [DLR_MEMORY]"
)


def _remember(context: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    context.meta[TABLES] = values


TABLES: Final = f"{__name__}.tables"
"""Where the values of ``--table`` are in the metadata of a command's context."""

table_option = click.option(
    "--table",
    metavar="NAME=FILE:KEY",
    multiple=True,
    expose_value=False,
    callback=_remember,
    help="A table of your own, and its key: a column of messages. Repeatable.",
)


def parse_by(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> By | None:
    """Combine the values of ``--by``."""
    from dlr_analytics.analysis.dimensions import from_options

    return from_options(values)


PARAMETERS: Final = {
    "by": click.option(
        *("--by", "by"),
        metavar="A,B|NAME=SQL",
        multiple=True,
        callback=parse_by,
        help="Columns of messages, hour, day, week, month, hour_of_day, weekday; or an expression."
        " Repeatable.",
    ),
    "since": click.option(
        "--since", metavar="D", help="From this time on: a date, 2026-11, 7d before as of …"
    ),
    "until": click.option(
        "--until", metavar="D", help="Messages before this time, written like --since."
    ),
    "as_of": click.option(
        "--as-of", metavar="T", help="Leave out what came later.  [default: the newest]"
    ),
    "tz": click.option(
        "--tz", metavar="ZONE", help="Of days, and of times without one.  [default: UTC]"
    ),
    "where": click.option(
        "--where", metavar="SQL", help="One condition over the columns of messages."
    ),
    "unit": click.option(
        "--unit", metavar="UNIT", help="message, or sms: its parts as one.  [default: message]"
    ),
    "channel": click.option(
        "--channel", metavar="NAME", help="sms, another like whatsapp, or all.  [default: sms]"
    ),
}
"""The options of a question, by the name of the parameter in Python."""


def parameter_options(*without: str) -> Callable[[Command], Command]:
    """Add the options of a question to a command, except those named."""

    def add(command: Command) -> Command:
        for name, option in reversed(PARAMETERS.items()):
            if name not in without:
                command = option(command)
        return table_option(command)

    return add


@contextmanager
def open_database(data: str | None, memory: str | None = None) -> Iterator[Database]:
    """Open the data directory as :func:`opened`, and warn in the end.

    It warns of no receipts, or of a wrong clock's.
    """
    database = opened(data, memory)
    yield database
    warn_ahead(database.ahead_of_clock())
    if database.is_empty():
        warn_no_receipts(database.data)


def opened(data: str | None, memory: str | None = None) -> Database:
    """Open the data directory, and register the tables of ``--table``.

    It warns of a table that no message has a row in.
    """
    import dlr_analytics
    from dlr_analytics.analysis.tables.table import from_option

    database = dlr_analytics.open(data, memory)
    for value in click.get_current_context().meta.get(TABLES, ()):
        name, file, on = from_option(value)
        if not database.register(name, file, on) and not database.is_empty():
            complain(f"no message has a row in the table {name}; compare its key with messages")
    return database
