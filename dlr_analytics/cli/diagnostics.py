"""Diagnostics on stderr."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result


def complain(message: str) -> None:
    """Print a message on stderr, as one line."""
    click.echo("dlr: " + " ".join(message.split()), err=True)


def warn_ahead(receipts: int) -> None:
    """Warn of receipts that are more than a day ahead of the clock, if there are any."""
    if receipts:
        complain(f"{receipts:,} receipts are more than a day ahead of the clock: dlr verify")


def warn_no_receipts(data: Path) -> None:
    """Warn that a data directory has no receipts, and name the commands that add some."""
    complain(f"no receipts in {data} yet; try dlr receive, or dlr import")


def warn_no_match(database: Database, result: Result, parameters: Mapping[str, object]) -> None:
    """Warn of a ``--where`` that no message of the period matches, as with a typo."""
    totals = {one.messages_total for one in result.provenance}
    if parameters.get("where") and totals == {0} and not database.is_empty():
        complain("no messages match; check the values in --where, and the period")
