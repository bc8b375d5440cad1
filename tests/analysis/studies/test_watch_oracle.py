"""The statements of ``watch`` against its rules in plain counts, over worlds with faults."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.support.oracles import watch as oracle
from tests.support.watch_worlds import MONDAY, ask, at, connection, spread

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))]


def moments(rng: np.random.Generator, days: int, cell_s: int) -> list[int]:
    """A few moments of the last days, as numbers of cells."""
    a_day = 86_400 // cell_s
    return sorted(rng.integers((days - 3) * a_day, days * a_day, 4).tolist())


def as_of(cells: int, cell_s: int) -> dt.datetime:
    return MONDAY + dt.timedelta(seconds=cells * cell_s)


def rates(rng: np.random.Generator, rows: int, days: int, mean: float) -> np.ndarray:
    """Messages in cells of 5 minutes, with a daily course and a bad start for some."""
    hours = np.arange(days * 24)
    course = 1 + 0.8 * np.sin(2 * np.pi * (hours - 9) / 24)
    volume = mean * np.exp(rng.normal(0, 0.8, (rows, 1))) * course
    counts = rng.poisson(np.repeat(volume / 12, 12, axis=1)).astype(float)
    for row in range(rows // 3):  # too little history for some
        counts[row, : rng.integers(0, days * oracle.DAY)] = 0
    return counts


def faulty(rng: np.random.Generator, n: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """The good ones of ``n``: faults of any length and size, some of them still under way."""
    share = np.repeat(usual[:, None], n.shape[1], axis=1)
    share[::3, -3 * oracle.DAY :] *= 0.5
    for row in range(len(n)):
        for _ in range(rng.integers(0, 4)):
            begins = n.shape[1] - rng.integers(1, 6 * oracle.DAY)
            share[row, begins : begins + rng.integers(3, oracle.DAY)] *= rng.uniform(0.2, 0.9)
    return rng.binomial(n.astype(int), share).astype(float)


@pytest.mark.parametrize("seed", SEEDS)
def test_delivery_alarms_where_the_counts_of_a_network_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    n = rates(rng, 12, 33, 12)
    x = faulty(rng, n, rng.choice([0.4, 0.9, 0.99, 1.0], 12))
    (lost, lost_at), (good, good_at) = spread(n - x, rng), spread(x, rng)
    sent = at(np.concatenate([lost_at, good_at]), 300)
    late = np.r_[np.full(len(lost), True), np.full(len(good), False)]
    frame = pd.DataFrame(
        {
            "network_code": np.concatenate([lost, good]),
            "message_time": sent,
            "outcome": np.where(late & (rng.random(len(late)) < 0.5), "failed", "delivered"),
            "final_at": sent + pd.to_timedelta(np.where(late, 601, 600), "s"),
        }
    )
    made = connection(frame)
    found = 0
    for now in moments(rng, 33, 300):
        expected = oracle.scan(n, x, now)
        rows = {int(row["network_code"]): row for row in ask(made, "scan", as_of(now, 300))}
        assert sorted(rows) == np.flatnonzero(expected.minutes).tolist()
        for network, row in rows.items():
            assert row["minutes"] == expected.minutes[network]
            assert row["value"] == pytest.approx(expected.value[network])
            assert row["usual"] == pytest.approx(expected.usual[network])
            assert row["ended_at"] == as_of(now, 300) - dt.timedelta(minutes=10)
        found += len(rows)
    assert found


@pytest.mark.parametrize("seed", SEEDS)
def test_latency_alarms_where_the_counts_of_what_is_delivered_in_time_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 2])
    n = rates(rng, 8, 33, 12)
    x = faulty(rng, n, np.full(8, 0.9))
    (slow, slow_at), (fast, fast_at) = spread(n - x, rng), spread(x, rng)
    frame = pd.DataFrame(
        {
            "network_code": np.concatenate([slow, fast]),
            "message_time": at(np.concatenate([slow_at, fast_at]), 300),
            "outcome": "delivered",
            "push_latency_s": np.r_[np.full(len(slow), 60), np.full(len(fast), 6)],
        }
    )
    made = connection(frame)
    found = 0
    for now in moments(rng, 33, 300):
        expected = oracle.scan(n, x, now)
        rows = {int(row["network_code"]): row for row in ask(made, "scan", as_of(now, 300))}
        assert {row["kind"] for row in rows.values()} <= {"latency"}
        assert sorted(rows) == np.flatnonzero(expected.minutes).tolist()
        assert all(row["limit_s"] == 6 for row in rows.values())
        found += len(rows)
    assert found


@pytest.mark.parametrize("seed", SEEDS)
def test_silence_rings_where_the_counts_of_receipts_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 3])
    hours = np.arange(34 * 24)
    mean = rng.uniform(0.2, 30, (12, 1)) * (1 + 0.9 * np.sin(2 * np.pi * (hours - 9) / 24))
    came = rng.poisson(mean)
    came[:3, hours // 24 % 7 >= 5] = 0  # at rest on weekends
    for row in range(2, 10):
        came[row, rng.integers(30 * 24, 34 * 24) :] = rng.integers(0, 2)
    came[rng.integers(12), : rng.integers(34 * 24)] = 0
    network, moment = spread(came, rng)
    received = at(moment, 3600)
    keys = [f"m{number}" for number in range(len(network))]
    frame = pd.DataFrame(
        {"message_key": keys, "message_id": [f" M{key[1:]}" for key in keys]}
    ).assign(network_code=network, message_time=received)
    made = connection(frame, received)
    found = 0
    for now in moments(rng, 34, 3600):
        expected = oracle.silence(np.vstack([came, came.sum(0)]).astype(float), now)
        rows = {
            12 if row["network_code"] is None else int(row["network_code"]): row["minutes"]
            for row in ask(made, "silence", as_of(now, 3600))
        }
        assert rows == {at: minutes for at, minutes in enumerate(expected) if minutes}
        found += len(rows)
    assert found


@pytest.mark.parametrize("seed", SEEDS)
def test_filtered_alarms_where_the_counts_of_refusals_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 4])
    n = rates(rng, 12, 33, 12)
    x = n - faulty(rng, n, 1 - rng.choice([0, 0.002, 0.01, 0.1], 12))
    (good, good_at), (bad, bad_at) = spread(n - x, rng), spread(x, rng)
    passed = rng.choice([0, 5, 7, 49, 55], len(good))
    codes = np.r_[passed, rng.choice([6, *range(50, 55)], len(bad))]
    frame = pd.DataFrame(
        {
            "network_code": "23410",
            "sender": np.concatenate([good, bad]),
            "final_at": at(np.concatenate([good_at, bad_at]), 300),
            "err_code": codes,
        }
    )
    made = connection(frame)
    found = 0
    for now in moments(rng, 33, 300):
        rows = ask(made, "filtered", as_of(now, 300))
        expected = oracle.filtered(n, x, now)
        assert sorted(int(row["sender"]) for row in rows) == np.flatnonzero(expected).tolist()
        found += len(rows)
    assert found


@pytest.mark.parametrize("seed", SEEDS)
def test_volume_alarms_where_the_counts_of_messages_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 5])
    days = int(rng.choice([8, 12, 33]))
    mean = rng.uniform(1, 110, (20, 1)) * np.ones(days * 24)
    mean[:, -6:] *= rng.uniform(1.6, 2.8, (20, 1))  # near twice the most
    for row in range(8):  # campaigns; the last ones are under way
        for begins in (rng.integers(days * 24), days * 24 - rng.integers(1, 60)):
            mean[row, begins : begins + rng.integers(2, 8)] *= rng.uniform(1, 9)
    sent = rng.poisson(mean)
    country, moment = spread(sent, rng)
    made = connection(pd.DataFrame({"country": country, "message_time": at(moment, 3600)}))
    found = 0
    for now in [7 * 24, *moments(rng, days, 3600), days * 24]:
        rows = ask(made, "volume", as_of(now, 3600))
        expected = oracle.volume(sent.astype(float), now)
        assert sorted(int(row["country"]) for row in rows) == np.flatnonzero(expected).tolist()
        found += len(rows)
    assert found
