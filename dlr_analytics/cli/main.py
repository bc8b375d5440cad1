"""``dlr``: the group of commands, and how an error leaves the program."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from dlr_analytics import __version__
from dlr_analytics.cli.connect import doctor, setup, try_
from dlr_analytics.cli.demo import demo
from dlr_analytics.cli.imports import import_, sends
from dlr_analytics.cli.query import message, number, query, sql
from dlr_analytics.cli.receive import quarantine, receive
from dlr_analytics.cli.report import report
from dlr_analytics.cli.simulate import simulate
from dlr_analytics.cli.store import compact, status, verify
from dlr_analytics.errors import DlrError


class _Commands(click.Group):
    """A reader of our pipe that goes away is no error, where click would end with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; for `dlr sql … | head` there is nobody left to tell anything."""
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
    # The receiver says so in its log.
    if ctx.invoked_subcommand != "receive" and any(name.startswith("DLR_") for name in os.environ):
        from dlr_analytics.settings import unknown_variables

        for name in unknown_variables(os.environ):
            _complain(f"{name} names no setting and is ignored")


cli.add_command(receive)
cli.add_command(demo)
cli.add_command(setup)
cli.add_command(try_)
cli.add_command(doctor)
cli.add_command(simulate)
cli.add_command(import_)
cli.add_command(sends)
cli.add_command(query)
cli.add_command(sql)
cli.add_command(message)
cli.add_command(number)
cli.add_command(report)
cli.add_command(status)
cli.add_command(verify)
cli.add_command(compact)
cli.add_command(quarantine)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 done and something was found, 2 not usable."""
    try:
        code = cli.main(args=arguments, prog_name="dlr", standalone_mode=False)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except click.ClickException as error:
        _complain(error.format_message())
        code = 2
    except DlrError as error:
        _complain(str(error))
        code = 2
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        code = 2
    except (click.Abort, KeyboardInterrupt):
        code = _stopped()
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what DuckDB makes of ^C
            raise
        code = _stopped()
    sys.exit(code if isinstance(code, int) else 0)


def _stopped() -> int:
    _complain("stopped")
    return 130


def _complain(sentence: str) -> None:
    """One line on stderr, whatever the sentence holds."""
    click.echo("dlr: " + " ".join(sentence.split()), err=True)
