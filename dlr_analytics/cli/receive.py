"""``dlr receive`` and ``dlr quarantine``: what comes in, and what could not be understood of it."""

from __future__ import annotations

import logging
import os
from typing import Any

import click

from dlr_analytics.cli.options import data_option

log = logging.getLogger(__name__)


@click.command()
@data_option
@click.option("--host", help="Address to listen on.  [DLR_HOST; default: 127.0.0.1]")
@click.option("--port", help="Port to listen on; 0 picks a free one.  [DLR_PORT; default: 8080]")
@click.option("--workers", help="Processes that share the port.  [DLR_WORKERS; default: 1]")
@click.option(
    "--admin-host", help="Address of the status page.  [DLR_ADMIN_HOST; default: 127.0.0.1]"
)
@click.option(
    "--admin-port", help="Port of the status page; 0 is off.  [DLR_ADMIN_PORT; default: 8081]"
)
@click.option(
    "--compact-at", help="UTC time to run dlr compact, as 03:00.  [DLR_COMPACT_AT; default: never]"
)
@click.option(
    "--trust-proxy", is_flag=True, default=None, help="Read X-Forwarded-For.  [DLR_TRUST_PROXY]"
)
def receive(**options: Any) -> None:
    """Receive delivery receipts on /webhooks/delivery-receipt until SIGTERM or ^C.

    Every 200 means: on disk. Prints one line with its address once it accepts requests.
    """
    from dlr_analytics.receiver.logging import configure_logging as start_logging
    from dlr_analytics.receiver.serve import serve
    from dlr_analytics.settings import load_settings, unknown_variables

    settings = load_settings(options)
    start_logging(settings.log)
    for name in unknown_variables(os.environ):
        log.warning("%s names no setting and is ignored", name)

    def announce(address: str) -> None:
        click.echo(f"receiving /webhooks/delivery-receipt on {address}")

    serve(settings, announce)


@click.command()
@data_option
@click.option("--replay", is_flag=True, help="Try everything again; what is understood is stored.")
def quarantine(*, replay: bool, **options: Any) -> int:
    """List what could not be understood: first arrival, reason and what came, by tabs.

    Exit status 1 where there is something.
    """
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.atomic import existing_folder
    from dlr_analytics.store.quarantine import entries
    from dlr_analytics.webhook.privacy import Privacy

    settings = load_settings(options)
    data = existing_folder(settings.data)
    if replay:
        from dlr_analytics.store.replay import replay as try_again

        done = try_again(data, Privacy.from_settings(settings))
        click.echo(f"{done.receipts:,} understood by now and stored", err=True)
        if done.files_in_use:
            click.echo(
                f"{done.files_in_use:,} files are in use by a receiver: try again later", err=True
            )
    empty = True
    for unread in entries(data):
        empty = False
        click.echo(f"{unread.arrived_at}\t{unread.reason}\t{_printable(unread.raw)}")
    return 0 if empty else 1


def _printable(text: str) -> str:
    """Strangers' text without what a terminal would act on."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
