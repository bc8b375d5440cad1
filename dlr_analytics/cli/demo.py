"""``dlr demo``: simulated receipts over HTTP into a data directory, and a report."""

from __future__ import annotations

import click

from dlr_analytics.cli.report import report
from dlr_analytics.errors import StoreError


@click.command()
@click.option(
    "--data",
    "folder",
    default="data/demo",
    metavar="DIR",
    help="Empty or new.  [default: data/demo]",
)
@click.option(
    "--messages", type=click.IntRange(1), default=20_000, metavar="N", help="[default: 20,000]"
)
@click.option(
    "--seed", type=int, default=1, metavar="S", help="Seed of the simulation.  [default: 1]"
)
@click.option(
    "--connect", is_flag=True, help="Show how an account is connected, with a simulated Vonage."
)
@click.pass_context
def demo(context: click.Context, folder: str, messages: int, seed: int, *, connect: bool) -> int:
    """Receive simulated receipts over HTTP and build the report.

    Starts the receiver on a free loopback port, sends it the receipts of 30 simulated days by all
    three transports, stops it and reports. The truth is in DIR/truth.json.
    """
    from dlr_analytics.cli.demonstration.account import connect_account
    from dlr_analytics.cli.demonstration.data import (
        create_data_directory,
        delivery_errors,
        receive_simulation,
    )
    from dlr_analytics.settings import load_settings
    from dlr_analytics.simulate import simulate
    from dlr_analytics.simulate.files import write_truth

    data = load_settings({"data": folder}).data
    create_data_directory(data)
    if connect:
        return connect_account(data)
    simulation = simulate(messages, seed, world="demo")
    posted = receive_simulation(data, simulation)
    write_truth(data / "truth.json", simulation)
    if findings := delivery_errors(data, posted):
        raise StoreError(findings[0], "this is a bug in dlr_analytics: please report it")
    receipts = simulation.truth.receipts
    click.echo(
        f"{receipts:,} receipts acknowledged, each of them once in {data}/receipts", err=True
    )
    context.invoke(report, data=str(data), path=data / "report.html")
    return 0
