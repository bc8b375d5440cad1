"""What is said on stderr beside an answer."""

from __future__ import annotations

from pathlib import Path

import click


def no_receipts(data: Path) -> None:
    """That a data directory holds none, and how to get some."""
    click.echo(f"dlr: no receipts in {data} yet; try dlr receive, or dlr import", err=True)
