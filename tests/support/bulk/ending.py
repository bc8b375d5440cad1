"""What becomes of messages, in columns: one value a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dlr_analytics.simulate.world.clocks import SECOND, to_ms
from dlr_analytics.simulate.world.conditions import OF_MESSAGES, Quality, affects, apply
from dlr_analytics.simulate.world.fates import DELAYS, OFF
from dlr_analytics.simulate.world.incidents import Incident
from dlr_analytics.simulate.world.networks import Failure, Network
from dlr_analytics.simulate.world.parameters import World
from dlr_analytics.simulate.world.traffic import Traffic
from tests.support.bulk.sending import Sent, Whole, senders_of

Flags = npt.NDArray[np.bool_]
Real = npt.NDArray[np.float64]

STATUSES: Final = ("", "delivered", "failed", "expired", "rejected", "unknown")
"""Final statuses by index; the first stands for none."""


@dataclass(frozen=True)
class Ends:
    """``status`` is an index of ``STATUSES``; ``at`` the carrier's time, in ms of UTC."""

    status: Whole
    err_code: Whole
    at: Whole


def end(world: World, traffics: Sequence[Traffic], sent: Sent, rng: np.random.Generator) -> Ends:
    """Draw how each message ends."""
    networks = [traffic.network for traffic in traffics]
    qualities, which = _qualities(world, traffics, sent)
    count = len(sent.at)
    of_quality = np.array([(each.rate, each.slowness, each.fake) for each in qualities])[which]
    rate, slowness, fake = of_quality.T if count else np.empty((3, 0))
    ends = _column(networks, sent, lambda network: float(network.final)) > 0
    ends &= rng.random(count) >= _column(networks, sent, lambda network: network.silent)
    delivered = ends & (rng.random(count) < rate)
    faked = ends & ~delivered & (rng.random(count) < fake)
    failed = ends & ~delivered & ~faked
    status, err_code = np.where(delivered | faked, 1, 0), np.zeros(count, dtype=int)
    delay = _prompt(networks, sent, slowness, rng)
    off = delivered & (rng.random(count) < _column(networks, sent, lambda network: network.off))
    delay[off] = _log_uniform(*OFF, int(off.sum()), rng)
    for failures, chosen in _by_failures(qualities, which, failed):
        status[chosen], err_code[chosen], delay[chosen] = _fail(failures, len(chosen), rng)
    return Ends(status, err_code, sent.at + delay)


def _column(networks: Sequence[Network], sent: Sent, value: Callable[[Network], float]) -> Real:
    return np.array([value(network) for network in networks], dtype=float)[sent.network]


def _prompt(
    networks: Sequence[Network], sent: Sent, slowness: Real, rng: np.random.Generator
) -> Whole:
    spread = _column(networks, sent, lambda network: network.spread)
    median = _column(networks, sent, lambda network: network.median_s)
    factor = np.exp(spread * rng.standard_normal(len(sent.at))) * slowness
    return np.asarray((median * factor * SECOND).astype(int))


def _log_uniform(low: int, high: int, count: int, rng: np.random.Generator) -> Whole:
    return np.asarray(np.exp(rng.uniform(np.log(low), np.log(high), count)).astype(int))


def _qualities(
    world: World, traffics: Sequence[Traffic], sent: Sent
) -> tuple[list[Quality], Whole]:
    """The qualities that occur, and the index of each message's."""
    incidents = [each for each in world.incidents if isinstance(each, OF_MESSAGES)]
    hours = max(len(traffic.hours) for traffic in traffics)
    key = sent.network * hours + sent.hour
    for incident in incidents:
        key = key * 2 + under(incident, world, traffics, sent)
    keys, which = np.unique(key, return_inverse=True)
    qualities = []
    for one in keys.tolist():
        index, bits = divmod(one, 1 << len(incidents))
        network, hour = divmod(index, hours)
        quality = traffics[network].hours[hour].quality
        for place, incident in enumerate(incidents):
            if bits >> (len(incidents) - 1 - place) & 1:
                quality = apply(incident, quality)
        qualities.append(quality)
    return qualities, which


def under(incident: Incident, world: World, traffics: Sequence[Traffic], sent: Sent) -> Flags:
    """Which messages an incident affects."""
    return within(incident, sent.at) & in_scope(incident, world, traffics, sent)


def within(incident: Incident, at: Whole) -> Flags:
    """Which times lie in an incident."""
    return np.asarray((to_ms(incident.begins) <= at) & (at < to_ms(incident.ends)))


def in_scope(incident: Incident, world: World, traffics: Sequence[Traffic], sent: Sent) -> Flags:
    """Which messages are of a network and a sender that an incident affects."""
    names = [sender.name for sender in senders_of(world)]
    table = [[affects(incident, each.network.code, name) for name in names] for each in traffics]
    return np.asarray(np.array(table)[sent.network, sent.sender])


def _by_failures(
    qualities: Sequence[Quality], which: Whole, failed: Flags
) -> list[tuple[tuple[Failure, ...], Whole]]:
    """The failed messages, by what failures can have befallen them."""
    groups: dict[int, int] = {}
    tables: list[tuple[Failure, ...]] = []
    of_quality = np.empty(len(qualities), dtype=int)
    for index, quality in enumerate(qualities):
        if id(quality.failures) not in groups:
            groups[id(quality.failures)] = len(tables)
            tables.append(quality.failures)
        of_quality[index] = groups[id(quality.failures)]
    chosen = np.flatnonzero(failed)
    group = of_quality[which[chosen]]
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(tables) + 1))
    return [
        (table, chosen[order[bounds[n] : bounds[n + 1]]])
        for n, table in enumerate(tables)
        if bounds[n] < bounds[n + 1]
    ]


def _fail(
    failures: Sequence[Failure], count: int, rng: np.random.Generator
) -> tuple[Whole, Whole, Whole]:
    """Draw status, err-code and delay of so many failures."""
    weights = np.array([failure.weight for failure in failures])
    kind = rng.choice(len(failures), count, p=weights / weights.sum())
    statuses = np.array([STATUSES.index(failure.status) for failure in failures])
    codes = np.array([failure.err_code for failure in failures])
    delays = np.array([DELAYS[failure.when] for failure in failures])[kind]
    low, high = np.log(delays[:, 1]), np.log(delays[:, 2])
    delay = delays[:, 0] + np.exp(rng.uniform(low, high)).astype(int)
    return statuses[kind], codes[kind], delay
