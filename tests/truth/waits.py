"""Deliveries whose times are known to the second, and the rows of ``latency`` for them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlr_analytics.analysis.engines import duckdb
from tests.truth import world

Seconds = npt.NDArray[np.float64]
Shape = Callable[[np.random.Generator, int], Seconds]

START = dt.datetime(2026, 11, 2)
WEEK_S: Final = 7 * 86400
SPREAD = math.log(8.6 / 4.0) / NormalDist().inv_cdf(0.9)
"""Of log-normal latencies whose half is 4.0 s and whose 90 % is 8.6 s (methods of measurement)."""


def log_normal(median: float, spread: float = SPREAD) -> Shape:
    """Most fast, few slow: the usual shape of one route."""
    return lambda rng, count: median * np.exp(spread * rng.standard_normal(count))


def log_logistic(median: float, shape: float) -> Shape:
    """As log-normal, with a heavier tail: the heavier, the smaller the shape."""

    def draw(rng: np.random.Generator, count: int) -> Seconds:
        share = rng.uniform(0, 1, count)
        return median * (share / (1 - share)) ** (1 / shape)

    return draw


def weibull(scale: float, shape: float) -> Shape:
    """Exponential for a shape of 1, more skewed below."""
    return lambda rng, count: scale * rng.weibull(shape, count)


def pareto(least: float, shape: float) -> Shape:
    """None faster than the least, and a tail as heavy as tails are."""
    return lambda rng, count: least * (1 + rng.pareto(shape, count))


def mixed(share: float, some: Shape, others: Shape) -> Shape:
    """A share of the one, the rest of the other."""

    def draw(rng: np.random.Generator, count: int) -> Seconds:
        first, second = some(rng, count), others(rng, count)
        return np.where(rng.uniform(0, 1, count) < share, first, second)

    return draw


def batches(rng: np.random.Generator, count: int) -> Seconds:
    """Handed over in three batches: cliffs, the median inside the second."""
    return rng.choice([4.0, 12.5, 40.0], count, p=[0.3, 0.45, 0.25])


FAST: Final = log_normal(4.0)
SLOW: Final = log_normal(90.0, 0.8)

SHAPES: Final[dict[str, Shape]] = {
    "log-normal, 4 s": FAST,
    "log-normal, 8 s, wide": log_normal(8.0, 1.0),
    "log-normal, 20 s": log_normal(20.0),
    "log-logistic, 4 s, shape 3": log_logistic(4.0, 3.0),
    "log-logistic, 8 s, shape 2": log_logistic(8.0, 2.0),
    "Weibull, 10 s, shape 0.7": weibull(10.0, 0.7),
    "Weibull, 8 s, shape 1.5": weibull(8.0, 1.5),
    "Pareto, 2 s, shape 1.5": pareto(2.0, 1.5),
    "Pareto, 3 s, shape 2.5": pareto(3.0, 2.5),
    "4 % slow": mixed(0.04, SLOW, FAST),
    "8 % slow": mixed(0.08, SLOW, FAST),
    "12 % slow": mixed(0.12, SLOW, FAST),
    "two routes, 3 and 30 s": mixed(0.4, log_normal(30.0, 0.3), log_normal(3.0)),
    "queue of 2 minutes": mixed(0.3, lambda rng, count: rng.uniform(2, 120, count), FAST),
    "batches": batches,
}
"""Latencies of many shapes: skewed, heavy-tailed, mixed, bimodal, with cliffs."""


def quantile(median: float, share: float) -> float:
    """The true percentile of ``log_normal(median)``."""
    return median * math.exp(SPREAD * NormalDist().inv_cdf(share))


@cache
def truth(shape: str) -> dict[str, float]:
    """The true value of each estimate, from a million draws."""
    draws = SHAPES[shape](np.random.default_rng(0), 1_000_000)
    percentiles = {
        f"p{p}_s": float(np.quantile(draws, p / 100, method="inverted_cdf"))
        for p in (50, 90, 95, 99)
    }
    return percentiles | {f"within_{s}s": float((draws <= s).mean()) for s in (10, 30, 60)}


def sample(
    median: float, messages: int, networks: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Delivered receipts and send times: so many messages in a week in each of the networks."""
    rng = np.random.default_rng([seed, int(1000 * median), messages])
    count = messages * networks
    times = _times(rng, log_normal(median), messages, networks)
    message_id = [f"{number:X}" for number in range(count)]
    receipts = pd.DataFrame(
        {
            "message_id": message_id,
            "network_code": times["network_code"],
            "status": "delivered",
            "received_at": times["message_timestamp"],
            "message_timestamp": times["message_timestamp"],
            "scts": times["scts"],
        }
    )
    return receipts, pd.DataFrame({"message_id": message_id, "sent_at": times["sent_at"]})


def _times(rng: np.random.Generator, shape: Shape, messages: int, networks: int) -> dict[str, Any]:
    """Send time, scts and message_timestamp, each cut as on the wire."""
    count = messages * networks
    sent = rng.uniform(0, WEEK_S, count)
    arrived = sent + shape(rng, count)
    pushed = arrived + rng.exponential(2.0, count) + 0.2
    start = np.datetime64(START, "us")
    return {
        "network_code": np.repeat([f"9{n:04d}" for n in range(networks)], messages),
        "sent_at": start + (sent * 1e6).astype("timedelta64[us]"),
        "scts": (start + (arrived * 1e6).astype("timedelta64[us]"))
        .astype("datetime64[m]")
        .astype("datetime64[us]"),
        "message_timestamp": start + np.floor(pushed).astype("int64") * np.timedelta64(1, "s"),
    }


def estimates(median: float, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """One row a network: the row of ``latency`` for it."""
    receipts, sends = sample(median, messages, networks, seed)
    connection = world.derive(receipts, START + dt.timedelta(days=30), sends)
    rows: pd.DataFrame = connection.sql(world.ask(connection, "latency", "network_code")).df()
    return rows


def estimates_of_measured(median: float, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """The same as ``estimates``, with both latencies made here: for messages by the million."""
    rng = np.random.default_rng([seed, int(1000 * median), messages])
    return _latency_of(_times(rng, log_normal(median), messages, networks))


def estimates_of_shape(shape: str, messages: int, networks: int, seed: int) -> pd.DataFrame:
    """One row a network, of latencies of one of the shapes."""
    rng = np.random.default_rng([seed, list(SHAPES).index(shape), messages])
    return _latency_of(_times(rng, SHAPES[shape], messages, networks))


def _latency_of(times: dict[str, Any]) -> pd.DataFrame:
    connection = duckdb.connect()
    connection.register("given", pd.DataFrame(times))
    connection.execute(
        """
        create table messages as
        select
            network_code, 'delivered' as outcome, sent_at, 'sends' as sent_at_source,
            cast(floor(date_diff('microsecond', sent_at, message_timestamp) / 1e6) as bigint)
                as push_latency_s,
            cast(floor(date_diff('microsecond', sent_at, scts) / 1e6) as bigint) as latency_s
        from given
        """
    )
    rows: pd.DataFrame = connection.sql(world.ask(connection, "latency", "network_code")).df()
    return rows
