"""``watch`` over simulated receipts: incidents of known beginning are named, and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.simulate import Filtering, Outage, World, simulate
from dlr_analytics.store.sends import Send, record_sends
from tests.support.data_directories import receive

END = dt.datetime(2026, 11, 19, 12)
BEGINS = dt.datetime(2026, 11, 19, 9, 30)
"""A Thursday morning."""


@pytest.mark.slow
def test_incidents_of_a_simulated_world_are_named_with_their_network(tmp_path: Path) -> None:
    world = World(
        incidents=(
            Outage(begins=BEGINS, network_codes=("23410",), delivered=0.2),
            Filtering(begins=BEGINS, network_codes=("26201",), share=0.8),
        )
    )
    simulation = simulate(40_000, seed=3, days=12, end=END, world=world)
    receive(tmp_path, simulation.receipts())
    record_sends(tmp_path, [Send(*sent) for sent in simulation.sends])
    database = dlr_analytics.open(tmp_path)
    before = database.watch(as_of=BEGINS)
    assert before.rows() == []
    found = database.watch(as_of=BEGINS + dt.timedelta(hours=2))
    named = {(row[0], row[1]) for row in found}
    assert named == {("delivery", "23410"), ("delivery", "26201"), ("filtered", "26201")}
