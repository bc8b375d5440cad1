"""``dlr prune``, ``dlr forget``: retention and erasure."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dlr_analytics.cli.diagnostics import complain
from dlr_analytics.cli.options import data_option, memory_option

if TYPE_CHECKING:
    from dlr_analytics.erasure.prune import Erased

yes_option = click.option("--yes", is_flag=True, help="Remove it; otherwise only say what.")


@click.command()
@click.option("--before", metavar="D", required=True, help="A UTC date at least 4 days back.")
@yes_option
@data_option
@memory_option
def prune(*, before: str, yes: bool, **options: Any) -> int:
    """Remove messages sent before a date, with all their receipts and send records.

    Older quarantine lines and days left empty go too. Without --yes it only says what would go, and
    the exit status is 1 if there is anything. With it, 1 if something is left.
    """
    import datetime as dt

    from dlr_analytics.erasure import prune as retention
    from dlr_analytics.settings import load_settings, refuse_where_shipping

    settings = load_settings(options)
    refuse_where_shipping(settings, "dlr prune")
    day = retention.read_date(before, dt.datetime.now(dt.UTC).date())
    return _report(retention.prune(settings, day, yes=yes, track=_track), yes=yes)


@click.command()
@click.argument("msisdn", nargs=-1)
@click.option(
    *("--file", "file"),
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with one number a line; # begins a comment.",
)
@yes_option
@data_option
@memory_option
def forget(msisdn: tuple[str, ...], *, file: Path | None, yes: bool, **options: Any) -> int:
    """Remove everything about numbers, and read all files to prove it.

    MSISDN is a number with its country, in any spelling, or its hash. Messages to it go whole;
    elsewhere its digits become ***. Without --yes it only says what would go, and the exit status
    is 1 if there is anything. With it, 1 if something is left.
    """
    from dlr_analytics.erasure import forget as erasure
    from dlr_analytics.erasure.numbers import read_numbers
    from dlr_analytics.settings import load_settings, refuse_where_shipping

    settings = load_settings(options)
    refuse_where_shipping(settings, "dlr forget")
    numbers = read_numbers(msisdn, file)
    return _report(erasure.forget(settings, numbers, yes=yes, track=_track), yes=yes)


def _track(paths: Iterable[Path]) -> Iterable[Path]:
    from tqdm import tqdm

    bar: Iterable[Path] = tqdm(paths, unit=" paths", disable=None, leave=False, file=sys.stderr)
    return bar


def _report(erased: Erased, *, yes: bool) -> int:
    """Print what is removed, and on stderr what is left; return the exit status."""
    click.echo(f"{'removed' if yes else 'would remove'}: {erased.counts}")
    if erased.holding:
        click.echo(f"found in {erased.holding:,} files, other copies and values included")
    if erased.alike:
        complain(f"{erased.alike:,} messages with a masked number look alike, and stay")
    for finding in erased.left:
        complain(" ".join(finding.split()))
    found = bool(erased.left)
    if not yes:
        found |= erased.counts.any() or erased.holding > 0
    return 1 if found else 0
