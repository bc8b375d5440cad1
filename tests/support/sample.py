"""Rebuild data/sample/ through a real receiver: ``python -m tests.support.sample``.

Run it and commit the result after a change of the simulated world.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Final

from dlr_analytics.cli.demonstration.data import delivery_errors, receive_simulation
from dlr_analytics.simulate import Simulation, simulate
from dlr_analytics.simulate.files import write_truth

SAMPLE: Final = Path(__file__).parents[2] / "data" / "sample"

_OF_A_RECEIVER: Final = ("instance", "lock", "incoming.lock")
"""Files of the receiver, not of the receipts."""


def recipe() -> Simulation:
    """3,000 messages of 35 days, the last of them 23 November 2026; the clocks change in it."""
    return simulate(3_000, seed=3, days=35, end=dt.datetime(2026, 11, 24))


def main() -> None:
    """Replace the sample by a new one."""
    shutil.rmtree(SAMPLE, ignore_errors=True)
    SAMPLE.mkdir(parents=True)
    simulation = recipe()
    posted = receive_simulation(SAMPLE, simulation)
    if findings := delivery_errors(SAMPLE, posted):
        raise SystemExit("\n".join(findings))
    for name in _OF_A_RECEIVER:
        (SAMPLE / name).unlink(missing_ok=True)
    for folder in ("journal", "messages", "staging"):
        (SAMPLE / folder).rmdir()
    write_truth(SAMPLE / "truth.json", simulation, each_message=False)


if __name__ == "__main__":
    main()
