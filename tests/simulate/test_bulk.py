"""Rows drawn in bulk are those of the same world, and files of them can be measured."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate import (
    NETWORKS,
    SENDERS,
    BadPeriod,
    Campaign,
    FakeReceipts,
    Filtering,
    Incident,
    Outage,
    PriceChange,
    RateChange,
    ReceiverOutage,
    Silence,
    Slowdown,
    VolumeChange,
    World,
    simulate,
)
from tests.support.bulk.cells import cells
from tests.support.bulk.rows import END, Rows, draw, write
from tests.support.data_directories import database

BEGINS = dt.datetime(2026, 11, 18, 7, 30)
ENDS = dt.datetime(2026, 11, 20, 7, 30)
DAYS = 9
WHERE: dict[str, Any] = {"begins": BEGINS, "ends": ENDS, "network_codes": ("26201",)}
INCIDENTS: tuple[Incident, ...] = (
    Outage(**WHERE, delivered=0.4),
    RateChange(**WHERE, points=-20),
    BadPeriod(**WHERE, rate=0.5, failures=NETWORKS[0].failures),
    Filtering(**WHERE, sender="Acme Shop", share=0.7),
    FakeReceipts(**WHERE, share=1.0),
    Slowdown(**WHERE, factor=5),
    PriceChange(**WHERE, price="0.09000000"),
    Silence(**WHERE),
    ReceiverOutage(begins=BEGINS, ends=ENDS),
    Campaign(**WHERE, name="sale", sender="Acme Shop", messages=800),
    VolumeChange(**WHERE, factor=0),
)
FIGURES = (
    "messages", "delivered", "filtered", "priced", "promotions", "quick", "received", "codes"
)  # fmt: skip


def one_by_one(world: World, messages: int) -> pd.DataFrame:
    """The columns of ``Rows.messages`` that are compared, of single messages."""
    simulation = simulate(messages, 1, DAYS, END, world)
    stories = simulation.history.stories
    truths = simulation.truth.each_message
    finals = [
        next((p for p in story.pushes if p.status == story.fate.status), None) for story in stories
    ]
    return pd.DataFrame(
        {
            "network_code": [truth.network_code for truth in truths],
            "client_ref": [story.message.client_ref for story in stories],
            "sent_at": [truth.sent_at for truth in truths],
            "price": [story.message.price for story in stories],
            "status": [story.fate.status or "" for story in stories],
            "err_code": [story.fate.err_code for story in stories],
            "took": [(story.fate.at - story.message.sent) / 1000 for story in stories],
            "arrived": [None if push is None else push.arrived for push in finals],
        }
    )


def figures(messages: pd.DataFrame) -> pd.Series:
    """What is compared, of messages that an incident affects and of all others."""
    during = (messages["sent_at"] >= BEGINS) & (messages["sent_at"] < ENDS)
    affected = during & (messages["network_code"] == "26201")
    parts = {"affected": counts(messages[affected]), "others": counts(messages[~affected])}
    return pd.Series(pd.concat(parts))


def counts(some: pd.DataFrame) -> pd.Series:
    delivered = some["status"] == "delivered"
    found = [
        len(some),
        delivered.sum(),
        some["err_code"].isin([6, *range(50, 55)]).sum(),
        (some["price"] == "0.09000000").sum(),
        some["client_ref"].str.startswith("promo-").sum(),
        (delivered & (some["took"] < 5)).sum(),
        some["arrived"].notna().sum(),
        some["client_ref"].str.startswith("otp-").sum(),
    ]
    return pd.Series(np.array(found, dtype=float), FIGURES)


@pytest.mark.thorough
@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda value: type(value).__name__)
def test_an_incident_means_the_same_in_bulk_as_in_single_messages(incident: Incident) -> None:
    """Counts differ by no more than chance and what days vary."""
    senders = tuple(SENDERS[n] for n in (1, 2))  # nobody asks again
    world = World(senders=senders, incidents=(incident,))
    rows = draw(world, 24_000, seed=1, days=DAYS).messages
    rows["took"] = (rows["reported_at"] - rows["sent_at"]).dt.total_seconds()
    rows["arrived"] = rows["received_at"]
    many = figures(rows)
    few = figures(one_by_one(world, 6_000))
    if isinstance(incident, Campaign):
        name = ("affected", "promotions")
        assert many[name] > 800 < few[name]
        return
    for name in many.index:
        expected = many[name] / 4
        spread = math.sqrt(expected + expected / 4) + 0.05 * expected
        assert few[name] == pytest.approx(expected, abs=3 * spread + 6), name


@pytest.fixture(scope="module")
def rows() -> Rows:
    return draw(World(senders=SENDERS, incidents=INCIDENTS[6:8]), 20_000, 1, accepted=True)


def test_a_seed_draws_the_same_rows_again() -> None:
    first, again, other = (draw(World(), 500, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.messages, again.messages)
    pd.testing.assert_frame_equal(first.receipts, again.receipts)
    assert not first.messages["sent_at"].equals(other.messages["sent_at"])


@pytest.mark.thorough
def test_what_is_written_is_measured_as_it_was_drawn(rows: Rows, tmp_path: Path) -> None:
    write(tmp_path, rows)
    data = database(tmp_path)
    assert data.receipts.count("*").fetchall() == [(len(rows.receipts),)]
    measured = data.messages.df()
    assert len(measured) == len(rows.messages) == 20_000
    both = rows.messages.merge(measured, on="message_id", suffixes=("", "_measured"))
    both = both[both["status"] != "unknown"]  # not final for 72 hours
    came = both["received_at"].notna() & (both["received_at"] <= END)
    assert (both["outcome"][came] == both["status"][came]).all()
    assert both["outcome"][~came].isin(["pending", "silent"]).all()
    for name in ("network_code", "sender", "client_ref", "sent_at"):
        assert (both[name] == both[f"{name}_measured"]).all(), name
    known = both["price_measured"].notna()
    assert (both["price"][known].astype(float) == both["price_measured"][known].astype(float)).all()
    assert set(measured["problems"].map(len)) == {0}


def test_no_receipt_comes_after_the_end_or_before_it_was_sent(rows: Rows) -> None:
    sent = rows.messages.set_index("message_id")["sent_at"]
    received = rows.receipts.set_index("message_id")["received_at"]
    assert received.max() <= pd.Timestamp(END)
    assert (received > sent.reindex(received.index)).all()
    assert set(rows.receipts["status"]) >= {"accepted", "delivered", "failed", "expired"}


def test_cells_are_the_counts_of_rows() -> None:
    """Messages of a day, and deliveries in the end, of one network with an outage."""
    world = World(incidents=(Outage(**WHERE, delivered=0.4),))
    drawn = draw(world, 200_000, seed=1, days=DAYS).messages.query("network_code == '26201'")
    counted = cells(world, 200_000, seed=1, days=DAYS).query("network_code == '26201'")
    of_rows = drawn.groupby(drawn["sent_at"].dt.date)["status"]
    of_cells = counted.groupby(counted["hour"].dt.date)
    messages, delivered = of_cells["messages"].sum(), of_cells["delivered"].sum()
    assert len(messages) == DAYS
    for day, statuses in of_rows:
        spread = 6 * math.sqrt(2 * len(statuses))
        assert messages[day] == pytest.approx(len(statuses), abs=spread)
        assert delivered[day] == pytest.approx((statuses == "delivered").sum(), abs=spread)


def test_incidents_of_two_networks_do_not_mix_and_apply_in_order() -> None:
    both: dict[str, Any] = {"begins": BEGINS, "ends": ENDS}
    incidents = (
        Outage(**both, network_codes=("26201",), delivered=0),
        RateChange(**both, network_codes=("26201",), points=40),
        RateChange(**both, network_codes=("23410",), points=50),
    )
    drawn = draw(World(incidents=incidents), 40_000, seed=1, days=DAYS).messages
    during = drawn[(drawn["sent_at"] >= BEGINS) & (drawn["sent_at"] < ENDS)]
    rates = (during["status"] == "delivered").groupby(during["network_code"]).mean()
    assert rates["23410"] > 0.98
    assert rates["26201"] == pytest.approx(0.4, abs=0.05)
    assert rates["23415"] == pytest.approx(0.96, abs=0.03)


def test_what_cannot_be_simulated_cannot_be_drawn() -> None:
    campaign = Campaign(begins=BEGINS, ends=ENDS, name="sale", messages=11)
    with pytest.raises(UnreadableValue):
        draw(World(incidents=(campaign,)), 10, seed=1)
