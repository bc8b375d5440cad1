"""How soon ``watch`` finds faults of known beginning, and how often it alarms without one.

The rules are judged over counts (``tests/support/oracles/watch.py``), which the statements are
checked against, so that weeks of many networks take a minute. Days differ by 0.8 points, hours by
1.2; volumes have a daily course and vary by 15 %.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.oracles import watch as oracle

Array = npt.NDArray[Any]
Say = Callable[[str], None]

HISTORY: Final = 30
"""Days before the first judgement."""
WEEK: Final = 7


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Records a line of figures, to be printed at the end."""
    return lambda line: record_property("figures", line)


def volumes(rng: np.random.Generator, rates: Array, days: int) -> Array:
    """Messages by hour: each rate with a daily course, varying by 15 %."""
    hours = np.arange(24 * days)
    course = 1 + 0.7 * np.sin(2 * np.pi * (hours - 9) / 24)
    varied: Array = rates[:, None] * course * np.exp(rng.normal(0, 0.15, (len(rates), len(hours))))
    return varied


def shares(rng: np.random.Generator, level: Array, days: int) -> Array:
    """The share of each hour, around a network's level."""
    size = (len(level), 24 * days)
    by_day = np.repeat(rng.normal(0, 0.008, (len(level), days)), 24, axis=1)
    around: Array = level[:, None] + by_day + rng.normal(0, 0.012, size)
    return np.clip(around, 0.001, 0.999)


def cells(rng: np.random.Generator, hourly: Array) -> Array:
    """Counts in cells of 5 minutes."""
    counts: Array = rng.poisson(np.repeat(hourly / oracle.HOUR, oracle.HOUR, axis=1))
    return counts


def good_ones(rng: np.random.Generator, n: Array, share: Array) -> Array:
    """How many of ``n`` are good, at these shares by hour."""
    numbers = n.astype(int)
    good: Array = rng.binomial(numbers, np.repeat(share, oracle.HOUR, axis=1)).astype(float)
    return good


def found_within(rate: float, level: float, fault: float, seed: int, networks: int = 400) -> Array:
    """Minutes from a fault to the first alarm of each network, infinite beyond two hours.

    The history has one bad day, with half of the share. The fault begins at any time of the day and
    multiplies the share.
    """
    rng = np.random.default_rng([seed, int(rate), int(100 * fault)])
    days = HISTORY + 2
    n = cells(rng, volumes(rng, np.full(networks, rate), days))
    share = shares(rng, np.full(networks, level), days)
    bad = 24 * int(rng.integers(5, 25))
    share[:, bad : bad + 24] *= 0.5
    begins = oracle.DAY * HISTORY + int(rng.integers(oracle.DAY))
    good = good_ones(rng, n, share)
    failing = rng.binomial(n, fault * np.repeat(share, oracle.HOUR, axis=1))
    good[:, begins:] = failing[:, begins:]
    after = np.full(networks, np.inf)
    for now in range(begins + 3, begins + 25):
        alarm = oracle.scan(n.astype(float), good, now).minutes > 0
        after[alarm & np.isinf(after)] = 5 * (now - begins)
    return after


def episodes(alarms: Array, calm: int) -> int:
    """Alarms of each row over time, those within ``calm`` moments of another counted once."""
    number = 0
    for row in alarms:
        at = np.flatnonzero(row)
        number += len(at) and 1 + int((np.diff(at) > calm).sum())
    return number


def quiet_alarms(seed: int, weeks: int, level: Array, rates: Array) -> float:
    """False alarms a week where nothing happens but one bad day in the history."""
    rng = np.random.default_rng([seed, weeks])
    days = HISTORY + WEEK * weeks
    n = cells(rng, volumes(rng, rates, days)).astype(float)
    share = shares(rng, level, days)
    share[:, 24 * 20 : 24 * 21] *= 0.5
    good = good_ones(rng, n, share)
    moments = range(oracle.DAY * HISTORY, oracle.DAY * days, 3)
    alarms = [oracle.scan(n, good, now).minutes > 0 for now in moments]
    return episodes(np.array(alarms).T, 8) / weeks


@pytest.mark.slow
def test_a_network_that_halves_is_found_within_two_hours(say: Say) -> None:
    for rate, hour, both in ((200, 0.90, 0.97), (50, 0, 0.80), (20, 0, 0.5)):
        after = np.concatenate([found_within(rate, 0.92, 0.5, seed) for seed in range(5)])
        within = [float((after <= minutes).mean()) for minutes in (60, 120)]
        median = float(np.median(after))
        say(
            f"delivery halves at {rate} an hour: found within one hour {within[0]:.1%}, within two"
            f" {within[1]:.1%}, median {median:.0f} minutes"
        )
        assert within[0] >= hour
        assert within[1] >= both


@pytest.mark.slow
def test_latency_times_three_is_found_within_two_hours(say: Say) -> None:
    """Of a log-normal latency with sigma 0.6, 12 % stay within the former p75."""
    after = np.concatenate([found_within(200, 0.75, 0.16, seed) for seed in range(3)])
    within = float((after <= 120).mean())
    say(f"latency times three at 200 an hour: found within two hours {within:.1%}")
    assert within >= 0.97


@pytest.mark.slow
def test_fifty_quiet_networks_give_less_than_one_false_alarm_a_week(say: Say) -> None:
    rng = np.random.default_rng(7)
    rates = np.exp(rng.uniform(np.log(10), np.log(1000), 50))
    level = rng.uniform(0.8, 0.97, 50)
    delivery = quiet_alarms(1, 4, level, rates)
    latency = quiet_alarms(2, 4, np.full(50, 0.75), rates)
    say(f"50 quiet networks: delivery {delivery:.2f}, latency {latency:.2f} false alarms a week")
    assert delivery < 1
    assert latency < 1


@pytest.mark.slow
def test_silence_is_heard_within_a_day_and_never_without_cause(say: Say) -> None:
    rates = (200, 50, 20, 10, 5, 2)
    rng = np.random.default_rng(3)
    weeks, each = 4, 18
    mean = volumes(rng, np.repeat(rates, each).astype(float), HISTORY + WEEK * weeks)
    weekend = np.arange(mean.shape[1]) // 24 % 7 >= 5
    mean[: len(mean) // 2, weekend] *= 0.3
    came = rng.poisson(mean).astype(float)
    false = sum(
        int((oracle.silence(came, now) > 0).sum())
        for now in range(24 * HISTORY, 24 * (HISTORY + WEEK * weeks), 2)
    )
    say(f"silence: {false} false in {len(came) * weeks} network weeks")
    assert false == 0
    for rate in rates:
        after = heard_after(float(rate), rng)
        say(
            f"silence at {rate} an hour: heard after {np.median(after):.0f} hours (median),"
            f" {np.max(after):.0f} at most"
        )
        assert np.max(after) <= 24


def heard_after(rate: float, rng: np.random.Generator, networks: int = 60) -> Array:
    """Hours from the last receipt to the alarm of each network."""
    came = rng.poisson(volumes(rng, np.full(networks, rate), HISTORY + 2)).astype(float)
    after = np.full(networks, np.inf)
    for network in range(networks):
        stops = 24 * HISTORY + int(rng.integers(24))
        one = came[network : network + 1].copy()
        one[:, stops:] = 0
        for hours in range(1, 25):
            if oracle.silence(one, stops + hours)[0]:
                after[network] = hours
                break
    return after


@pytest.mark.slow
def test_a_sender_that_is_refused_is_found_and_refusals_as_usual_are_not(say: Say) -> None:
    rng = np.random.default_rng(4)
    weeks, each = 3, 120
    for habit, most in ((0.0, 1), (0.002, 2), (0.01, 4), (0.03, 12)):
        rates = np.exp(rng.uniform(np.log(2), np.log(200), each))
        n = cells(rng, volumes(rng, rates, HISTORY + WEEK * weeks))
        x = rng.binomial(n, habit).astype(float)
        moments = range(oracle.DAY * HISTORY, n.shape[1], 3)
        alarms = np.array([oracle.filtered(n.astype(float), x, now) for now in moments])
        false = episodes(alarms.T, 8)
        say(f"filtered, habit {habit:.1%}: {false} false in {each * weeks} sender weeks")
        assert false <= most
    for rate, least in ((40, 0.99), (10, 0.9), (5, 0.4)):
        n = cells(rng, volumes(rng, np.full(400, float(rate)), HISTORY + 2))
        x = rng.binomial(n, 0.002).astype(float)
        begins = oracle.DAY * HISTORY + 12 * 10
        x[:, begins:] = rng.binomial(n[:, begins:], 0.5)
        found = np.zeros(400, bool)
        for now in range(begins + 3, begins + 25):
            found |= oracle.filtered(n.astype(float), x, now)
        say(f"filtered, half refused at {rate} an hour: found within two hours {found.mean():.1%}")
        assert found.mean() >= least


@pytest.mark.slow
def test_volume_alarms_on_records_only(say: Say) -> None:
    rng = np.random.default_rng(5)
    weeks = 6
    mean = volumes(rng, np.exp(rng.uniform(np.log(10), np.log(1000), 50)), HISTORY + WEEK * weeks)
    steady = mean.copy()
    steady[:, np.arange(mean.shape[1]) // 24 % 7 == 1] *= 4  # each Tuesday
    surging = mean.copy()
    begins = 24 * HISTORY + 12
    surging[:, begins : begins + 6] *= 5
    for name, hourly in (("no campaigns", mean), ("steady campaigns", steady)):
        sent = rng.poisson(hourly).astype(float)
        moments = range(24 * HISTORY, sent.shape[1])
        false = episodes(np.array([oracle.volume(sent, now) for now in moments]).T, 6)
        say(f"volume, {name}: {false} false in {50 * weeks} country weeks")
        assert false == 0
    sent = rng.poisson(surging).astype(float)
    found = oracle.volume(sent, begins + 6)[mean[:, begins : begins + 6].sum(1) >= 200].mean()
    say(f"volume, five times as much for 6 hours: found {found:.1%}")
    assert found >= 0.9
