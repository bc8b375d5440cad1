"""``dlr quarantine``: requests that could not be parsed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dlr_analytics.cli.options import data_option

if TYPE_CHECKING:
    from dlr_analytics.settings import Settings


@click.command()
@data_option
@click.option("--replay", is_flag=True, help="Parse them again first; store the receipts found.")
def quarantine(*, replay: bool, **options: Any) -> int:
    """List unparsable requests: arrival, reason and content, separated by tabs.

    Exit status 1 if there are any.
    """
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.atomic import existing_folder
    from dlr_analytics.store.quarantine import entries

    settings = load_settings(options)
    data = existing_folder(settings.data)
    if replay:
        _replay(data, settings)
    empty = True
    for entry in entries(data):
        empty = False
        click.echo(f"{entry.arrived_at}\t{entry.reason}\t{_escape(entry.raw)}")
    return 0 if empty else 1


def _replay(data: Path, settings: Settings) -> None:
    from dlr_analytics.store.replay import replay
    from dlr_analytics.webhook.privacy import Privacy

    replayed = replay(data, Privacy.from_settings(settings))
    click.echo(f"{replayed.receipts:,} requests parsed and stored", err=True)
    if replayed.files_in_use:
        click.echo(
            f"{replayed.files_in_use:,} files are in use by a receiver; try again later", err=True
        )


def _escape(text: str) -> str:
    """Escape characters that control a terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
