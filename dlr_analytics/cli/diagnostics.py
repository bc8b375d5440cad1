"""Diagnostics on stderr."""

from __future__ import annotations

from pathlib import Path

import click


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
