"""``dlr receive``: the webhook receiver."""

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

    Answers 200 once a receipt is on disk. Prints its address once it accepts requests.
    """
    from dlr_analytics.bucket.access import require_obstore
    from dlr_analytics.receiver.logging import configure_logging
    from dlr_analytics.receiver.serve import serve
    from dlr_analytics.settings import load_settings, unknown_variables

    settings = load_settings(options)
    configure_logging(settings.log)
    for name in unknown_variables(os.environ):
        log.warning("%s is not a setting and is ignored", name)

    def announce(address: str) -> None:
        click.echo(f"receiving /webhooks/delivery-receipt on {address}")

    if settings.ship_to is not None:
        require_obstore(settings.ship_to)  # which only a child process will load
    serve(settings, announce)
