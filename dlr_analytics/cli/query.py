"""``dlr query``, ``dlr sql``, ``dlr message`` and ``dlr number``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from dlr_analytics.cli.options import (
    data_option,
    memory_option,
    open_database,
    parameter_options,
    table_option,
)
from dlr_analytics.cli.rows import format_option, write
from dlr_analytics.cli.studies import answer
from dlr_analytics.errors import UnreadableValue, UsageError

if TYPE_CHECKING:
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
        from dlr_analytics.analysis.metrics import METRICS, QUESTIONS, STUDIES

        named = [word for word in ctx.meta[__name__] if word in QUESTIONS]
        if named:
            record = QUESTIONS[named[0]]
            sections = {f"{named[0]}: {record.sentence}": list(record.columns.items())}
        else:
            groups = {"Metrics": METRICS, "Studies, also commands of their own": STUDIES}
            sections = {
                head: [(name, one.sentence) for name, one in group.items()]
                for head, group in groups.items()
            }
        for head, rows in sections.items():
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
@parameter_options()
@format_option
def query(
    metric: str | None, data: str | None, memory: str | None, form: str, **parameters: Any
) -> int:
    """Compute METRIC from the stored receipts, unsealed ones included.

    `dlr query METRIC --help` explains its columns. Exit status 1 if watch finds an alert.
    """
    from dlr_analytics.analysis.metrics import QUESTIONS

    if metric is None:
        raise UsageError("no metric given", f"name one of {', '.join(QUESTIONS)}")
    found = answer(metric, data, memory, form, **parameters)
    return 1 if metric == "watch" and len(found) else 0


@click.command(cls=_Sql)
@click.argument("statement", required=False)
@click.option(
    *("-f", "--file"),
    type=click.File(encoding="utf-8-sig"),
    help="Read the statement from a file; - is standard input.",
)
@data_option
@memory_option
@table_option
@format_option
def sql(
    statement: str | None, file: TextIO | None, data: str | None, memory: str | None, form: str
) -> None:
    """Run one STATEMENT that only reads.

    It reads the views receipts, messages, sends, networks and err_codes, and your own files.
    """
    text = _statement(statement, file)
    with open_database(data, memory) as database:
        write(database.sql(text), form)


@click.command()
@click.argument("message_id", metavar="ID")
@data_option
def message(message_id: str, data: str | None) -> None:
    """Show all that is known of one message, in order of time."""
    with open_database(data) as database:
        _print_events(f"message {message_id}", database.message(message_id))


@click.command()
@click.argument("msisdn")
@data_option
def number(msisdn: str, data: str | None) -> None:
    """Show all that is known of one number, in order of time."""
    with open_database(data) as database:
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
