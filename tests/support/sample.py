"""Rebuild the samples through a real receiver: ``python -m tests.support.sample``.

data/sample/ is shipped, and what notebooks and documentation read; tests/data/sample/ is a tenth of
it, in a world with fewer incidents, for tests that ask often. Run it and commit the result after a
change of the simulated world.
"""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.cli.demonstration.data import delivery_errors, receive_simulation
from dlr_analytics.simulate import (
    NETWORKS,
    SENDERS,
    Campaign,
    Filtering,
    Outage,
    PriceChange,
    ReceiverOutage,
    Silence,
    Simulation,
    Slowdown,
    World,
    simulate,
)
from dlr_analytics.simulate.files import write_truth
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.sql import from_files

_ROOT: Final = Path(__file__).parents[2]

SHIPPED: Final = _ROOT / "data" / "sample"
SAMPLE: Final = _ROOT / "tests" / "data" / "sample"

_END: Final = dt.datetime(2026, 11, 24)

_OF_A_RECEIVER: Final = ("instance", "lock", "incoming.lock", "compact.lock")
"""Files of the receiver, not of the receipts."""

_SMALL: Final = ("compression zstd", "compression_level 22", "parquet_version v2")

_FEWER_ACCEPTED: Final = 0.15
"""Factor of the shares with an ``accepted`` receipt: the sample is a download of 3 MB."""


def _at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A time in November 2026, naive UTC."""
    return dt.datetime(2026, 11, day, hour, minute)


def world() -> World:
    """A world with three kinds of senders, and an incident of each kind that a notebook shows.

    For eleven days a network filters marketing, a large campaign included; another one is slow for
    a week, one raises its price, and one delivers half for an evening.
    """
    networks = tuple(
        replace(each, accepts=each.accepts * _FEWER_ACCEPTED) if each.final else each
        for each in NETWORKS
    )
    incidents = (
        ReceiverOutage(begins=_at(2, 15, 36), ends=_at(2, 16, 16)),
        Slowdown(begins=_at(2, 0), ends=_at(9, 0), network_codes=("26201",), factor=5),
        Outage(begins=_at(5, 15), ends=_at(5, 23), network_codes=("23415",), delivered=0.5),
        PriceChange(begins=_at(8, 6), network_codes=("72402",), price="0.04912775"),
        Filtering(
            begins=_at(9, 9),
            ends=_at(20, 9),
            network_codes=("26202",),
            sender="Acme Shop",
            share=0.8,
        ),
        Silence(begins=_at(12, 9), ends=_at(13, 9), network_codes=("21407",)),
        Campaign(
            begins=_at(16, 11),
            ends=_at(16, 14),
            network_codes=("26201", "26202"),
            sender="Acme Shop",
            name="sale",
            messages=600,
        ),
    )
    return World(networks, SENDERS, incidents)


def shipped_recipe() -> Simulation:
    """30,000 messages of 35 days, the last of them 23 November 2026; the clocks change in it."""
    return simulate(30_000, seed=3, days=35, end=_END, world=world())


def recipe() -> Simulation:
    """3,000 messages of the same days in the classic world."""
    return simulate(3_000, seed=3, days=35, end=_END)


def main() -> None:
    """Replace both samples by new ones."""
    _make(SAMPLE, recipe())
    shipped = shipped_recipe()
    _make(SHIPPED, shipped)
    for day in (SHIPPED / "receipts").iterdir():
        _pack([*day.glob("*.parquet")], "sender, network_code, received_at")
    _pack([*(SHIPPED / "sends").glob("*.parquet")], "sent_at")
    _write_conversions(SHIPPED / "conversions.csv.gz", shipped)


def _make(folder: Path, simulation: Simulation) -> None:
    """Receive a simulation into a new data directory, with its truth beside."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    posted = receive_simulation(folder, simulation)
    if findings := delivery_errors(folder, posted):
        raise SystemExit("\n".join(findings))
    for name in _OF_A_RECEIVER:
        (folder / name).unlink(missing_ok=True)
    for name in ("journal", "messages", "staging"):
        shutil.rmtree(folder / name)
    write_truth(folder / "truth.json", simulation, each_message=False)


def _pack(files: list[Path], order: str) -> None:
    """Put the rows of some files into the first of them, as small as can be."""
    first, *others = sorted(files)
    packed = first.with_suffix(".packed")
    query = f"from {from_files(files)} order by {order}"
    with duckdb.connect() as connection:
        write_parquet(connection, query, packed, _SMALL)
    packed.replace(first)
    for other in others:
        other.unlink()


def _write_conversions(path: Path, simulation: Simulation) -> None:
    """Write the references of the codes that were used: a table of one's own, to join."""
    lines = ["client_ref", *sorted(reference for reference, _ in simulation.conversions)]
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))


if __name__ == "__main__":
    main()
