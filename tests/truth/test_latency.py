"""Percentiles from send to scts against latencies that are known to the second."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from tests.truth import world

START = dt.datetime(2026, 11, 2)
SPREAD = math.log(8.6 / 4.0) / NormalDist().inv_cdf(0.9)
"""Of log-normal latencies whose half is 4.0 s and whose 90 % is 8.6 s (methods of measurement)."""


def quantile(median: float, share: float) -> float:
    """The true percentile."""
    return median * math.exp(SPREAD * NormalDist().inv_cdf(share))


def sample(
    median: float, messages: int, networks: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Delivered receipts and send times: so many messages in a week in each of the networks."""
    rng = np.random.default_rng([seed, int(1000 * median), messages])
    count = messages * networks
    sent = rng.uniform(0, 7 * 86400, count)
    arrived = sent + median * np.exp(SPREAD * rng.standard_normal(count))
    pushed = arrived + rng.exponential(2.0, count) + 0.2
    start = np.datetime64(START, "us")
    told = start + np.floor(pushed).astype("int64") * np.timedelta64(1, "s")
    message_id = [f"{number:X}" for number in range(count)]
    receipts = pd.DataFrame(
        {
            "message_id": message_id,
            "network_code": np.repeat([f"9{n:04d}" for n in range(networks)], messages),
            "status": "delivered",
            "received_at": told,
            "message_timestamp": told,
            "scts": (start + (arrived * 1e6).astype("timedelta64[us]")).astype("datetime64[m]")
            .astype("datetime64[us]"),
        }
    )  # fmt: skip
    sends = pd.DataFrame(
        {"message_id": message_id, "sent_at": start + (sent * 1e6).astype("timedelta64[us]")}
    )
    return receipts, sends


def estimates(median: float, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """One row a network: what ``latency`` tells of it."""
    receipts, sends = sample(median, messages, networks, seed)
    connection = world.tell(receipts, START + dt.timedelta(days=30), sends)
    return connection.sql(world.ask(connection, "latency", "network_code")).df()


def error(told: pd.Series, truth: float) -> float:
    """Root of the mean squared error, in seconds."""
    return float(np.sqrt(((told - truth) ** 2).mean()))


@pytest.mark.parametrize("median", [2.0, 4.0, 8.0])
def test_half_within_2_s_and_90_percent_within_4_s_at_500_messages(
    median: float, record_property: Callable[[str, object], None]
) -> None:
    told = estimates(median, messages=500, networks=100, seed=1)
    half = error(told["p50_s"], quantile(median, 0.5))
    most = error(told["p90_s"], quantile(median, 0.9))
    covered = ((told["p50_s"] - quantile(median, 0.5)).abs() <= told["p50_margin_s"]).mean()
    record_property(
        "figures",
        f"latency, half within {median:g} s, 500 messages, 100 networks: p50 off by {half:.2f} s, "
        f"p90 by {most:.2f} s; margin of p50 holds {covered:.0%}",
    )
    assert half <= 2
    assert most <= 4
    assert covered >= 0.9


def test_a_plain_percentile_is_nonsense_where_the_estimate_is_right() -> None:
    receipts, sends = sample(4.0, messages=20_000, networks=1, seed=2)
    connection = world.tell(receipts, START + dt.timedelta(days=30), sends)
    (plain,) = connection.sql("select quantile_disc(latency_s, 0.5) from messages").fetchall()
    told = connection.sql(world.ask(connection, "latency")).df()
    assert plain[0] < 0
    assert abs(told["p50_s"].item() - 4.0) < 0.6
    assert abs(told["p90_s"].item() - 8.6) < 1.5


def test_below_200_messages_there_is_no_estimate() -> None:
    told = estimates(4.0, messages=199, networks=3, seed=3)
    assert (told["measured"] == 199).all()
    assert told[["p50_s", "p90_s", "p95_s", "p99_s", "p50_margin_s"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize(("messages", "networks"), [(500, 1000), (20_000, 40)])
@pytest.mark.parametrize("median", [4.0, 8.0, 20.0])
def test_the_error_falls_with_the_messages(
    median: float, messages: int, networks: int, record_property: Callable[[str, object], None]
) -> None:
    told = estimates(median, messages, networks, seed=4)
    lines, errors = [], {}
    for percent in (50, 90, 95):
        truth = quantile(median, percent / 100)
        estimate, margin = told[f"p{percent}_s"], told[f"p{percent}_margin_s"]
        errors[percent] = error(estimate, truth)
        covered = ((estimate - truth).abs() <= margin).mean()
        lines.append(f"p{percent} {errors[percent]:.2f} s (margin holds {covered:.1%})")
    record_property(
        "figures",
        f"latency, half within {median:g} s, {messages:,} messages, {networks} networks: "
        + ", ".join(lines),
    )
    assert errors[50] <= median / 2 + 0.5
    assert errors[90] <= quantile(median, 0.9) / 2 + 0.5
