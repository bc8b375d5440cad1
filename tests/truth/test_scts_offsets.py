"""The scts offset against clocks that are known, over both changes of the clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from tests.truth import carriers, world

MIXED = 9
"""Of ten carriers, the one that mixes two routes."""


def judge(seed: int, span: tuple[dt.datetime, dt.datetime], count: int) -> pd.DataFrame:
    """One row a network: whether it mixes two routes, and the shares right, wrong and unknown."""
    found = carriers.carriers(seed, span, count)
    truth = carriers.receipts(found, span, seed)
    rows = world.derive(truth, span[1]).sql("select message_id, scts_offset_min from messages").df()
    both = truth.merge(rows, on="message_id", validate="one_to_one")
    learned = both["scts_offset_min"]
    both["right"] = learned == both["offset_true"]
    both["wrong"] = learned.notna() & ~both["right"].fillna(value=False)
    both["untold"] = learned.isna()
    shares = both.groupby("network_code").agg(
        receipts=("right", "size"),
        right=("right", "sum"),
        wrong=("wrong", "sum"),
        untold=("untold", "sum"),
    )
    mixed = {each.network_code for i, each in enumerate(found) if i % 10 == MIXED}
    return shares.assign(mixed=shares.index.isin(mixed))


def shares(judged: pd.DataFrame) -> tuple[float, float]:
    """Right and wrong, as shares of all receipts."""
    total = judged["receipts"].sum()
    return judged["right"].sum() / total, judged["wrong"].sum() / total


@pytest.mark.thorough
def test_offsets_are_learned_over_a_change_of_the_clocks() -> None:
    judged = judge(seed=1, span=carriers.AUTUMN, count=10)
    right, wrong = shares(judged[~judged["mixed"]])
    assert right > 0.995
    assert wrong < 0.0005


def test_below_the_support_nothing_is_guessed() -> None:
    few = carriers.Carrier("90000", ("Asia/Kolkata",), weekly=9)
    truth = carriers.receipts([few], carriers.AUTUMN, seed=3)
    rows = world.derive(truth, carriers.AUTUMN[1]).sql("select scts_offset_min from messages").df()
    assert len(rows) > 20
    assert rows["scts_offset_min"].isna().all()


def test_a_carrier_whose_clock_is_off_is_measured_by_nobody() -> None:
    fast = carriers.Carrier("90000", ("UTC",), weekly=3000, clock_s=290)
    truth = carriers.receipts([fast], carriers.AUTUMN, seed=4)
    rows = (
        world.derive(truth, carriers.AUTUMN[1]).sql("select latency_s, problems from messages").df()
    )
    assert rows["latency_s"].isna().all()
    flagged = rows["problems"].map(lambda names: "carrier_clock_off" in names)
    assert flagged.mean() > 0.99


@pytest.mark.slow
@pytest.mark.parametrize("span", [carriers.SPRING, carriers.AUTUMN], ids=["spring", "autumn"])
def test_offsets_of_forty_networks_on_fresh_seeds(
    span: tuple[dt.datetime, dt.datetime], record_property: Callable[[str, object], None]
) -> None:
    judged = pd.concat([judge(seed, span, 40) for seed in (101, 102, 103)], ignore_index=True)
    single, mixed = judged[~judged["mixed"]], judged[judged["mixed"]]
    right, wrong = shares(single)
    worst = (single["wrong"] / single["receipts"]).max()
    record_property(
        "figures",
        f"scts offset, {span[0]:%B} to {span[1]:%B}, 3 seeds of 40 networks, "
        f"{judged['receipts'].sum():,} receipts: one habit {right:.3%} right, {wrong:.4%} wrong, "
        f"worst network {worst:.3%} wrong; two routes mixed {shares(mixed)[0]:.3%} right, "
        f"{shares(mixed)[1]:.4%} wrong, worst {(mixed['wrong'] / mixed['receipts']).max():.3%}",
    )
    assert right >= 0.998
    assert wrong <= 0.0001
    assert worst <= 0.001
