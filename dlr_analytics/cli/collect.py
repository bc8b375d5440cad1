"""``dlr receive`` and ``dlr quarantine``: the receiver's commands."""

from __future__ import annotations

import os
from typing import Any

import click

from dlr_analytics.cli.options import data_option


@click.command()
@data_option
@click.option("--host", help="Address to listen on.  [DLR_HOST; default: 127.0.0.1]")
@click.option("--port", help="Port to listen on; 0 picks a free one.  [DLR_PORT; default: 8080]")
@click.option("--workers", help="Processes that share the port.  [DLR_WORKERS; default: 1]")
@click.option("--admin-host", help="Address of the status page.  [default: 127.0.0.1]")
@click.option("--admin-port", help="Port of the status page and /metrics; 0 is off.  [8081]")
@click.option("--trust-proxy", is_flag=True, default=None, help="Read X-Forwarded-For.")
def receive(**options: Any) -> None:
    """Receive delivery receipts on /webhooks/delivery-receipt until SIGTERM or ^C.

    Every 200 means: on disk. Prints one line with its address once it accepts requests.
    """
    from dlr_analytics.collect.serve import serve
    from dlr_analytics.settings import load_settings, unknown_variables

    settings = load_settings(options)
    for name in unknown_variables(os.environ):
        click.echo(f"dlr: {name} names no setting and is ignored", err=True)

    def announce(address: str) -> None:
        click.echo(f"receiving /webhooks/delivery-receipt on {address}")

    serve(settings, announce)
