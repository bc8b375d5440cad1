"""Percentiles from send to scts against latencies that are known to the second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.truth import world
from tests.truth.waits import START, estimates, quantile, sample


def error(estimated: pd.Series, truth: float) -> float:
    """Root of the mean squared error, in seconds."""
    return float(np.sqrt(((estimated - truth) ** 2).mean()))


@pytest.mark.thorough
@pytest.mark.parametrize("median", [2.0, 4.0, 8.0])
def test_half_within_2_s_and_90_percent_within_4_s_at_500_messages(
    median: float, record_property: Callable[[str, object], None]
) -> None:
    rows = estimates(median, messages=500, networks=100, seed=1)
    half = error(rows["p50_s"], quantile(median, 0.5))
    most = error(rows["p90_s"], quantile(median, 0.9))
    record_property(
        "figures",
        f"latency, half within {median:g} s, 500 messages, 100 networks: p50 off by {half:.2f} s, "
        f"p90 by {most:.2f} s",
    )
    assert half <= 2
    assert most <= 4


def test_a_plain_percentile_is_nonsense_where_the_estimate_is_right() -> None:
    receipts, sends = sample(4.0, messages=20_000, networks=1, seed=2)
    connection = world.derive(receipts, START + dt.timedelta(days=30), sends)
    (plain,) = connection.sql("select quantile_disc(latency_s, 0.5) from messages").fetchall()
    rows = connection.sql(world.ask(connection, "latency")).df()
    assert plain[0] < 0
    assert abs(rows["p50_s"].item() - 4.0) < 0.6
    assert abs(rows["p90_s"].item() - 8.6) < 1.5


def test_below_200_messages_there_is_no_estimate() -> None:
    rows = estimates(4.0, messages=199, networks=3, seed=3)
    assert (rows["measured"] == 199).all()
    assert rows[["p50_s", "p90_s", "p95_s", "p99_s", "p50_margin_s"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize(("messages", "networks"), [(500, 1000), (20_000, 40)])
@pytest.mark.parametrize("median", [4.0, 8.0, 20.0])
def test_the_error_falls_with_the_messages(
    median: float, messages: int, networks: int, record_property: Callable[[str, object], None]
) -> None:
    rows = estimates(median, messages, networks, seed=4)
    errors = {p: error(rows[f"p{p}_s"], quantile(median, p / 100)) for p in (50, 90, 95)}
    record_property(
        "figures",
        f"latency, half within {median:g} s, {messages:,} messages, {networks} networks: off by "
        + ", ".join(f"{seconds:.2f} s at p{percent}" for percent, seconds in errors.items()),
    )
    assert errors[50] <= median / 2 + 0.5
    assert errors[90] <= quantile(median, 0.9) / 2 + 0.5
