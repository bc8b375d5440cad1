"""``dlr simulate``: receipts with known truth, to a URL or into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dlr_analytics.errors import UsageError

if TYPE_CHECKING:
    from dlr_analytics.simulate import Simulation, WebhookCall
    from dlr_analytics.simulate.post import Posted


@click.command()
@click.option(
    "--messages", type=click.IntRange(1), required=True, metavar="N", help="Number of messages."
)
@click.option("--seed", type=int, required=True, metavar="S", help="Seed of the simulation.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, metavar="D", help="[default: 30]")
@click.option("--end", metavar="DATE", help="End of the simulated time, UTC.  [default: now]")
@click.option("--url", help="Send them to this URL, like http://127.0.0.1:8080.")
@click.option("-o", "output", metavar="FILE", type=click.Path(path_type=Path), help="Write a file.")
def simulate(
    messages: int, seed: int, days: int, end: str | None, url: str | None, output: Path | None
) -> None:
    """Simulate delivery receipts with known truth.

    With --url they are sent there at a steady rate. With -o they are written as JSON lines, with
    FILE.truth.json and FILE.sends.csv beside. With neither, JSON lines go to stdout.
    """
    from dlr_analytics import simulate as simulator
    from dlr_analytics.analysis.timezones import utc
    from dlr_analytics.settings.parsers import check_output_file

    if output is not None:
        check_output_file(output)
    until = None if end is None else utc("end", end, "UTC")
    simulation = simulator.simulate(messages, seed, days, until, world="planned")
    if output is not None:
        _write(output, simulation)
    if url is not None:
        _send(url, simulation)
    elif output is None:
        for call in simulation.calls:
            click.echo(call.line)


def _write(file: Path, simulation: Simulation) -> None:
    from dlr_analytics.simulate.files import write_calls, write_sends, write_truth

    try:
        write_calls(file, simulation)
        write_sends(file.with_name(f"{file.name}.sends.csv"), simulation)
        write_truth(file.with_name(f"{file.name}.truth.json"), simulation)
    except OSError as error:
        raise UsageError(
            f"{error.filename or file}: {error.strerror}", "give -o a file that can be written"
        ) from None


def _send(url: str, simulation: Simulation) -> None:
    posted = post_with_progress(simulation.calls, url)
    click.echo(f"{len(posted.acknowledged):,} calls acknowledged by {url}", err=True)


def post_with_progress(calls: Sequence[WebhookCall], url: str, **options: Any) -> Posted:
    """Post simulated calls with a progress bar; options are those of ``post``."""
    from tqdm import tqdm

    from dlr_analytics.simulate.post import post

    with tqdm(total=len(calls), desc="Sending", unit=" receipts", disable=None) as bar:
        return post(calls, url, tick=bar.update, **options)
