"""``dlr query``, ``dlr sql``, ``dlr message``, ``dlr number``: questions to what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from dlr_analytics.cli.diagnostics import warn_no_receipts
from dlr_analytics.cli.options import data_option, memory_option
from dlr_analytics.cli.rows import format_option, write
from dlr_analytics.errors import UsageError

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result


class _Query(click.Command):
    """Its help lists the metrics; with a metric before it, that one's columns."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words: help is shown before METRIC is read."""
        ctx.meta[__name__] = list(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What stands below the options."""
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
    metric: str | None, data: str | None, memory: str | None, form: str, **asking: Any
) -> None:
    """Answer METRIC from what is stored, unsealed receipts too.

    `dlr query METRIC --help` explains its columns.
    """
    from dlr_analytics.analysis.metrics import METRICS

    if metric is None:
        raise UsageError("no metric given", f"name one of {', '.join(METRICS)}")
    with _opened(data, memory) as database:
        write(database.ask(metric, asking), form)  # type: ignore[arg-type]


@click.command()
@click.argument("statement")
@data_option
@memory_option
@format_option
def sql(statement: str, data: str | None, memory: str | None, form: str) -> None:
    """Run one STATEMENT that only reads.

    It reads the views receipts, messages, sends, networks and err_codes, and your own files.
    """
    with _opened(data, memory) as database:
        write(database.sql(statement), form)


@click.command()
@click.argument("message_id", metavar="ID")
@data_option
def message(message_id: str, data: str | None) -> None:
    """Show all that is known of one message, in order of time."""
    with _opened(data) as database:
        _tell(f"message {message_id}", database.message(message_id))


@click.command()
@click.argument("msisdn")
@data_option
def number(msisdn: str, data: str | None) -> None:
    """Show all that is known of one number, in order of time."""
    with _opened(data) as database:
        _tell(f"number {msisdn}", database.number(msisdn))


@contextmanager
def _opened(data: str | None, memory: str | None = None) -> Iterator[Database]:
    """The data directory; after the answer a hint where it holds no receipts."""
    import dlr_analytics

    database = dlr_analytics.open(data, memory)
    yield database
    if database.is_empty():
        warn_no_receipts(database.data)


def _tell(subject: str, events: Result) -> None:
    """Each event with its time, then what it says, a line for each column that says something."""
    from dlr_analytics.presentation.values import cell

    rows = events.rows()
    for row in rows:
        said = dict(zip(events.columns, row, strict=True))
        click.echo(f"{cell(said.pop('moment'))}  {said.pop('what')}")
        for name, value in said.items():
            if value is not None and value != []:
                click.echo(f"    {name:<18} {cell(value, limit=4_000)}")
    if not rows:
        click.echo(f"dlr: nothing is known of {cell(subject)}", err=True)
