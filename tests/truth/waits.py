"""Deliveries whose times are known to the second, and the rows of ``latency`` for them."""

from __future__ import annotations

import datetime as dt
import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from dlr_analytics.analysis.engines import duckdb
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
    pushed_at = start + np.floor(pushed).astype("int64") * np.timedelta64(1, "s")
    message_id = [f"{number:X}" for number in range(count)]
    receipts = pd.DataFrame(
        {
            "message_id": message_id,
            "network_code": np.repeat([f"9{n:04d}" for n in range(networks)], messages),
            "status": "delivered",
            "received_at": pushed_at,
            "message_timestamp": pushed_at,
            "scts": (start + (arrived * 1e6).astype("timedelta64[us]")).astype("datetime64[m]")
            .astype("datetime64[us]"),
        }
    )  # fmt: skip
    sends = pd.DataFrame(
        {"message_id": message_id, "sent_at": start + (sent * 1e6).astype("timedelta64[us]")}
    )
    return receipts, sends


def estimates(median: float, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """One row a network: the row of ``latency`` for it."""
    receipts, sends = sample(median, messages, networks, seed)
    connection = world.derive(receipts, START + dt.timedelta(days=30), sends)
    rows: pd.DataFrame = connection.sql(world.ask(connection, "latency", "network_code")).df()
    return rows


def estimates_of_measured(median: float, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """The same as ``estimates``, with ``latency_s`` made here: for messages by the million."""
    receipts, sends = sample(median, messages, networks, seed)
    connection = duckdb.connect()
    connection.register("given", receipts.assign(sent_at=sends["sent_at"]))
    connection.execute(
        """
        create table messages as
        select
            network_code, 'delivered' as outcome, sent_at, 'sends' as sent_at_source,
            cast(null as bigint) as push_latency_s,
            cast(floor(date_diff('microsecond', sent_at, scts) / 1e6) as bigint) as latency_s
        from given
        """
    )
    rows: pd.DataFrame = connection.sql(world.ask(connection, "latency", "network_code")).df()
    return rows
