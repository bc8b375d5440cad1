"""``dlr``: the command group, and the exit status of each error."""

from __future__ import annotations

import os
import sys
from typing import Any, Final, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from dlr_analytics import __version__
from dlr_analytics.cli import studies
from dlr_analytics.cli.connect import doctor, setup, try_
from dlr_analytics.cli.demo import demo
from dlr_analytics.cli.diagnostics import complain
from dlr_analytics.cli.erasure import forget, prune
from dlr_analytics.cli.imports import import_, reconcile, sends
from dlr_analytics.cli.notebook import lab, notebook
from dlr_analytics.cli.query import message, number, query, sql
from dlr_analytics.cli.receive import receive
from dlr_analytics.cli.report import report
from dlr_analytics.cli.simulate import simulate
from dlr_analytics.cli.store import compact, publish, pull, quarantine, status, verify
from dlr_analytics.errors import DlrError, describe_refusal


class _Commands(click.Group):
    """A group for which a closed pipe is no error; click would exit with 1."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for the name of a metric, point to ``dlr query``."""
        if args[0] not in self.commands:
            from dlr_analytics.analysis.metrics import METRICS

            if (metric := args[0].replace("_", "-")) in METRICS:
                ctx.fail(f"No such command {args[0]!r}. It is a metric: dlr query {metric}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; stop quietly once the reader of a pipe has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="dlr")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Collect SMS delivery receipts, explore them, report on them."""
    # The receiver warns in its log.
    if ctx.invoked_subcommand != "receive" and any(name.startswith("DLR_") for name in os.environ):
        from dlr_analytics.settings import unknown_variables

        for name in unknown_variables(os.environ):
            complain(f"{name} is not a setting and is ignored")


COMMANDS: Final = (
    receive,
    demo,
    setup,
    try_,
    doctor,
    simulate,
    import_,
    sends,
    query,
    sql,
    message,
    number,
    *studies.COMMANDS,
    report,
    notebook,
    lab,
    reconcile,
    status,
    verify,
    compact,
    quarantine,
    pull,
    publish,
    prune,
    forget,
)
for command in COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit: 0 for success, 1 for findings, 2 for an error."""
    try:
        code = cli.main(args=arguments, prog_name="dlr", standalone_mode=False)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except click.ClickException as error:
        complain(error.format_message())
        code = 2
    except DlrError as error:
        complain(_with_remedy(error))
        code = 2
    except OSError as error:
        complain(str(describe_refusal(error)))
        code = 2
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted()
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # DuckDB's error after ^C
            raise
        code = _interrupted()
    sys.exit(code if isinstance(code, int) else 0)


def _with_remedy(error: DlrError) -> str:
    """Describe an error, with the remedy of its cause where it has none."""
    if error.remedy or not isinstance(error.__cause__, OSError):
        return str(error)
    return str(DlrError(error.problem, describe_refusal(error.__cause__).remedy))


def _interrupted() -> int:
    complain("stopped")
    return 130
