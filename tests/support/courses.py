"""Hourly counts of simulated networks whose true changes are known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dlr_analytics.analysis.studies.courses import Cell

DAYS = 60


def course(
    rng: np.random.Generator,
    per_hour: float,
    rate: float,
    steps: Iterable[tuple[float, float]] = (),
    days: int = DAYS,
) -> list[Cell]:
    """The hours of a network.

    Days differ by 0.8 points, hours by 1.2, volume has a daily course and varies by 15 %.

    Parameters
    ----------
    per_hour : float
        Messages, on average.
    rate : float
        The share delivered at first.
    steps : iterable of (float, float)
        Hours since the start, which need not be whole, and by how much the rate changes then.
    """
    hours = np.arange(24 * days)
    volume = 1 + 0.6 * np.sin((hours % 24 - 8) / 24 * 2 * np.pi)
    volume *= np.repeat(1 + rng.uniform(-0.15, 0.15, days), 24)
    messages = rng.poisson(per_hour * volume)
    p = rate + np.repeat(rng.normal(0, 0.008, days), 24) + rng.normal(0, 0.012, len(hours))
    for at, difference in steps:
        p += difference * np.clip(hours + 1 - at, 0, 1)
    delivered = rng.binomial(messages, np.clip(p, 0, 1))
    counts = zip(hours.tolist(), messages.tolist(), delivered.tolist(), strict=True)
    return [Cell(hour, hour // 24, sent, float(got)) for hour, sent, got in counts if sent]
