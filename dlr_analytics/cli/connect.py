"""``dlr setup``, ``dlr try``, ``dlr doctor``: the connection to the account."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dlr_analytics.cli.options import data_option
from dlr_analytics.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from dlr_analytics.connect.checks import Checks
    from dlr_analytics.settings import Settings
    from dlr_analytics.webhook.checks import Check

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    data_option,
    click.option("--port", help="Port of the receiver.  [DLR_PORT; default: 8080]"),
    click.option("--admin-port", help="Port of its status page.  [DLR_ADMIN_PORT; default: 8081]"),
    click.option("--url", help="Its public URL.  [DLR_PUBLIC_URL; default: the tunnel's]"),
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        help="How checks are printed.  [default: text]",
    ),
)


def _connecting(command: Command) -> Command:
    """Give a command the options of all three."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class _Discreet(click.Command):
    """A command whose usage errors do not repeat what was typed: it may be a number."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            raise
        except click.BadParameter as error:
            kind = error.param.type if error.param is not None else None
            expected = ", ".join(kind.choices) if isinstance(kind, click.Choice) else "a number"
            raise click.BadParameter(f"give {expected}", ctx, param=error.param) from None
        except click.UsageError:
            raise click.UsageError(
                f"an argument or option that there is not; see {ctx.command_path} --help", ctx
            ) from None


@click.command(cls=_Discreet)
@_connecting
@click.option("--apply", is_flag=True, help="Set the account's receipt URL.")
@click.option("--undo", is_flag=True, help="Set the one before the first --apply again.")
@click.option("--replace", is_flag=True, help="Also replace a URL that was set elsewhere.")
def setup(*, form: str, apply: bool, undo: bool, replace: bool, **options: Any) -> int:
    """Check the way from Vonage to the receiver, and the account's receipt URL.

    Writes only with --apply or --undo. Exit status 1 where a check is not ok.
    """
    from dlr_analytics.connect import setup as connect

    if apply and undo:
        raise UsageError("--apply and --undo are both given", "give one of them")
    settings = _settings(options)
    show = _printer(form)
    if undo:
        return _end(connect.undo(settings, show, replace=replace), form)
    checks = connect.setup(settings, show, apply=apply, replace=replace)
    if checks.ok:
        click.echo("next: dlr try --to NUMBER, your own mobile number", err=True)
    return _end(checks, form)


@click.command("try", cls=_Discreet)
@_connecting
@click.option("--to", metavar="NUMBER", required=True, help="With the country's code.")
@click.option("--from", "sender", metavar="NAME", default="dlr", help="Sender.  [default: dlr]")
@click.option("--account-url", is_flag=True, help="Rely on the account's receipt URL.")
@click.option(
    "--wait", type=float, default=120.0, metavar="S", help="Seconds to wait.  [default: 120]"
)
@click.option("--yes", is_flag=True, help="Send without a question.")
def try_(
    *,
    form: str,
    to: str,
    sender: str,
    account_url: bool,
    wait: float,
    yes: bool,
    **options: Any,
) -> int:
    """Send one SMS, which costs its price, and follow its receipts.

    Exit status 1 where a check is not ok.
    """
    from dlr_analytics.connect.message import parse_number
    from dlr_analytics.connect.trial import Attempt, try_message
    from dlr_analytics.webhook.privacy import mask_number

    number = parse_number(to)
    if not sender.strip():
        raise UsageError("--from is empty", "give a sender, or leave it out")
    if not math.isfinite(wait) or wait < 0:
        raise UsageError("--wait is no number of seconds", "give one from 0")
    if not yes and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "give --yes to send one SMS")
    settings = _settings(options)

    def confirm() -> bool:
        if not yes:
            click.echo(f"Send one SMS to {mask_number(number)}? [y/N] ", err=True, nl=False)
            if sys.stdin.readline().strip() != "y":
                return False
        if sys.stderr.isatty():
            click.echo(f"sending, then waiting up to {wait:g} s for its receipts", err=True)
        return True

    attempt = Attempt(number, sender, wait, account_url)
    return _end(try_message(settings, attempt, _printer(form), confirm), form)


@click.command(cls=_Discreet)
@_connecting
@click.option("--offline", is_flag=True, help="Only what this machine knows.")
def doctor(*, form: str, offline: bool, **options: Any) -> int:
    """Check everything between Vonage and the stored receipts; free, changes nothing.

    Exit status 1 where a check is not ok.
    """
    from dlr_analytics.connect.diagnosis import diagnose

    return _end(diagnose(_settings(options), _printer(form), offline=offline), form)


def _settings(options: dict[str, Any]) -> Settings:
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.format import format_of
    from dlr_analytics.webhook.privacy import mask_runs

    try:
        settings = load_settings(options)
    except SettingsError as error:
        raise SettingsError(mask_runs(error.problem), error.remedy) from None
    if settings.port == 0:
        raise UsageError("port 0 is no port to ask", "name the receiver's with --port")
    format_of(settings.data)
    return settings


def _printer(form: str) -> Callable[[Check], None]:
    """Print each check as it is made; as JSON they are printed together at the end."""

    def show(check: Check) -> None:
        if form == "text":
            click.echo(str(check))

    return show


def _end(checks: Checks, form: str) -> int:
    if form == "json":
        click.echo(json.dumps(checks.dicts(), indent=1, ensure_ascii=False))
    return 0 if checks.ok else 1
