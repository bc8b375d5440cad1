"""Carriers whose clocks are known: receipts with the true offset of each scts beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

SPRING = (dt.datetime(2026, 3, 1), dt.datetime(2026, 4, 12))
"""Six weeks with the American change (8 March) and the European one (29 March)."""
AUTUMN = (dt.datetime(2026, 10, 4), dt.datetime(2026, 11, 15))
"""Six weeks with the Australian (4 October), the European and the American one."""

ZONES = (
    "UTC", "UTC", "UTC", "UTC", "UTC", "UTC", "UTC", "UTC", "Europe/London", "Europe/London",
    "Europe/Copenhagen", "Europe/Madrid", "Europe/Athens", "America/New_York", "America/Chicago",
    "America/Sao_Paulo", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Manila",
    "Asia/Tehran", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland",
)  # fmt: skip
"""Zones that a carrier may write: UTC on many routes, its own on others."""


@dataclass(frozen=True)
class Carrier:
    """One network: the zones of its routes, and how many receipts it sends a week.

    ``switched_at``, if any, is when its only route went from the first zone to the second. Its
    clock is ``clock_s`` seconds fast.
    """

    network_code: str
    zones: tuple[str, ...]
    weekly: float
    switched_at: dt.datetime | None = None
    clock_s: float = 0


def carriers(seed: int, span: tuple[dt.datetime, dt.datetime], count: int = 40) -> list[Carrier]:
    """Networks of one habit, with some that switch and some that mix two routes (one in ten)."""
    rng = np.random.default_rng([seed, 1])
    found = []
    for i in range(count):
        one, two = rng.choice(len(ZONES), 2)
        weekly = float(np.exp(rng.uniform(np.log(50), np.log(5000))))
        kind = i % 10
        zones = (ZONES[one],) if kind < 8 else (ZONES[one], ZONES[two])
        switched = span[0] + (span[1] - span[0]) * rng.uniform(0.2, 0.8) if kind == 8 else None
        found.append(Carrier(f"9{i:04d}", zones, weekly, switched))
    return found


def receipts(
    found: Sequence[Carrier], span: tuple[dt.datetime, dt.datetime], seed: int
) -> pd.DataFrame:
    """Delivered receipts of the carriers; ``offset_true`` is what their scts is ahead of UTC.

    Pushes follow within seconds; one in fifty is tried again minutes to three days later.
    """
    rng = np.random.default_rng([seed, 2])
    return pd.concat([_of(carrier, span, rng) for carrier in found], ignore_index=True)


def _of(
    carrier: Carrier, span: tuple[dt.datetime, dt.datetime], rng: np.random.Generator
) -> pd.DataFrame:
    seconds = (span[1] - span[0]).total_seconds()
    count = rng.poisson(carrier.weekly * seconds / (7 * 86400))
    at = _daily_rhythm(rng, count, seconds)
    delay = rng.exponential(3.0, count) + 0.5
    late = rng.random(count) < 0.02
    delay[late] = np.exp(rng.uniform(np.log(60), np.log(72 * 3600), late.sum()))
    offset = _offsets(carrier, span[0], at, rng)
    start = np.datetime64(span[0], "us")
    happened = start + (at * 1e6).astype("timedelta64[us]")
    pushed = start + np.floor(at + delay).astype("int64") * np.timedelta64(1, "s")
    written = (happened + np.timedelta64(int(carrier.clock_s * 1e6), "us")).astype("datetime64[m]")
    return pd.DataFrame(
        {
            "message_id": [f"{carrier.network_code}-{i}" for i in range(count)],
            "network_code": carrier.network_code,
            "status": "delivered",
            "received_at": pushed.astype("datetime64[us]"),
            "message_timestamp": pushed.astype("datetime64[us]"),
            "scts": (written + offset.astype("timedelta64[m]")).astype("datetime64[us]"),
            "happened_at": happened,
            "offset_true": offset,
            "late": delay > 600,
        }
    )


def _daily_rhythm(rng: np.random.Generator, count: int, seconds: float) -> np.ndarray:
    """Moments with a quarter as much traffic by night as by day, in order."""
    at = rng.uniform(0, seconds, 3 * count + 10)
    hour = at / 3600 % 24
    kept = at[rng.random(len(at)) < 0.2 + 0.8 * ((hour >= 7) & (hour < 21))][:count]
    return np.sort(np.resize(kept, count))


def _offsets(
    carrier: Carrier, start: dt.datetime, at: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Minutes ahead of UTC of each receipt's scts."""
    by_zone = np.stack([_zone_offsets(zone, start, at) for zone in carrier.zones])
    if len(carrier.zones) == 1:
        return np.asarray(by_zone[0])
    if carrier.switched_at is not None:
        route = (at > (carrier.switched_at - start).total_seconds()).astype(int)
    else:
        route = (rng.random(len(at)) < rng.uniform(0.1, 0.5)).astype(int)
    return np.asarray(np.where(route == 0, by_zone[0], by_zone[1]))


def _zone_offsets(zone: str, start: dt.datetime, at: np.ndarray) -> np.ndarray:
    """The zone's offset at each moment: it changes on the hour only."""
    hours = (at // 1800).astype(int)
    known = {}
    for hour in np.unique(hours):
        moment = (start + dt.timedelta(minutes=30 * int(hour))).replace(tzinfo=dt.UTC)
        ahead = moment.astimezone(ZoneInfo(zone)).utcoffset()
        assert ahead is not None
        known[hour] = ahead // dt.timedelta(minutes=1)
    return np.array([known[hour] for hour in hours])
