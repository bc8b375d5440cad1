"""``dlr query``, ``dlr sql``, ``dlr message`` and ``dlr number``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from dlr_analytics.cli.diagnostics import warn_no_receipts
from dlr_analytics.cli.options import data_option, memory_option
from dlr_analytics.cli.rows import format_option, write
from dlr_analytics.errors import UnreadableValue, UsageError

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result


_OPTION: Final = re.compile(r"-[\w-]*(=.*)?", re.DOTALL)
"""An option, or ``--``. A statement that begins with a comment goes on after its first word."""


class _Query(click.Command):
    """A command whose help lists the metrics, or the columns of a named metric."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Store the arguments: help is printed before METRIC is parsed."""
        ctx.meta[__name__] = list(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the metrics, or the columns of one, below the options."""
        from dlr_analytics.analysis.metrics import METRICS
        from dlr_analytics.analysis.query import load

        named = [word for word in ctx.meta[__name__] if word in METRICS]
        if named:
            query = load(named[0])
            head, rows = f"{named[0]}: {query.sentence}", list(query.columns.items())
        else:
            head, rows = "Metrics", [(name, load(name).sentence) for name in METRICS]
        with formatter.section(head.rstrip(".")):
            formatter.write_dl(rows)


class _Sql(click.Command):
    """A command whose argument may begin with ``--``, as a comment does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put statements that look like options last, after a ``--``."""
        statements = [word for word in args if word[:2] == "--" and not _OPTION.fullmatch(word)]
        if statements and "--" not in args:
            args = [*(word for word in args if word not in statements), "--", *statements]
        return super().parse_args(ctx, args)


@click.command(cls=_Query)
@click.argument("metric", required=False)
@data_option
@memory_option
@click.option("--by", metavar="A,B", help="Columns of messages, or hour, day, week, month.")
@click.option("--since", metavar="D", help="Messages from this date or time on.")
@click.option("--until", metavar="D", help="Messages before this date or time.")
@click.option("--as-of", metavar="T", help="Leave out what came later.  [default: the newest]")
@click.option("--tz", metavar="ZONE", help="Of days, and of times without one.  [default: UTC]")
@click.option("--where", metavar="SQL", help="One condition over the columns of messages.")
@click.option(
    "--unit", metavar="UNIT", help="message, or sms: its parts as one.  [default: message]"
)
@format_option
def query(
    metric: str | None, data: str | None, memory: str | None, form: str, **parameters: Any
) -> None:
    """Compute METRIC from the stored receipts, unsealed ones included.

    `dlr query METRIC --help` explains its columns.
    """
    from dlr_analytics.analysis.metrics import METRICS

    if metric is None:
        raise UsageError("no metric given", f"name one of {', '.join(METRICS)}")
    with _open(data, memory) as database:
        write(database.ask(metric, parameters), form)  # type: ignore[arg-type]


@click.command(cls=_Sql)
@click.argument("statement", required=False)
@click.option(
    *("-f", "--file"),
    type=click.File(encoding="utf-8-sig"),
    help="Read the statement from a file; - is standard input.",
)
@data_option
@memory_option
@format_option
def sql(
    statement: str | None, file: TextIO | None, data: str | None, memory: str | None, form: str
) -> None:
    """Run one STATEMENT that only reads.

    It reads the views receipts, messages, sends, networks and err_codes, and your own files.
    """
    text = _statement(statement, file)
    with _open(data, memory) as database:
        write(database.sql(text), form)


@click.command()
@click.argument("message_id", metavar="ID")
@data_option
def message(message_id: str, data: str | None) -> None:
    """Show all that is known of one message, in order of time."""
    with _open(data) as database:
        _print_events(f"message {message_id}", database.message(message_id))


@click.command()
@click.argument("msisdn")
@data_option
def number(msisdn: str, data: str | None) -> None:
    """Show all that is known of one number, in order of time."""
    with _open(data) as database:
        _print_events(f"number {msisdn}", database.number(msisdn))


def _statement(statement: str | None, file: TextIO | None) -> str:
    if (statement is None) == (file is None):
        problem = "no statement" if file is None else "a statement and a file"
        raise UsageError(f"sql: {problem}", "give a statement, or -f and the name of a file")
    if file is None:
        assert statement is not None
        return statement
    try:
        return file.read()
    except UnicodeDecodeError:
        raise UnreadableValue(f"sql: {file.name} is not UTF-8", "save it as UTF-8") from None


@contextmanager
def _open(data: str | None, memory: str | None = None) -> Iterator[Database]:
    """Open the data directory; print a hint in the end if it has no receipts."""
    import dlr_analytics

    database = dlr_analytics.open(data, memory)
    yield database
    if database.is_empty():
        warn_no_receipts(database.data)


def _print_events(subject: str, events: Result) -> None:
    """Print each event with its time, and a line for each column with a value."""
    from dlr_analytics.presentation.values import cell

    rows = events.rows()
    for row in rows:
        values = dict(zip(events.columns, row, strict=True))
        click.echo(f"{cell(values.pop('moment'))}  {values.pop('what')}")
        for name, value in values.items():
            if value is not None and value != []:
                click.echo(f"    {name:<18} {cell(value, limit=4_000)}")
    if not rows:
        click.echo(f"dlr: nothing is known of {cell(subject)}", err=True)
