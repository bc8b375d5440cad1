"""Messages and deliveries by network and hour, for studies of counts over many worlds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from dlr_analytics.simulate.world.conditions import Conditions
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.parameters import World
from dlr_analytics.simulate.world.traffic import Hour
from tests.support.bulk.rows import END, plan_traffics, span_of, times
from tests.support.bulk.sending import shares


def cells(
    world: World, messages: int, seed: int, days: int = 30, end: dt.datetime = END
) -> pd.DataFrame:
    """Draw how many messages are sent and how many are delivered in the end.

    Incidents count in the hours that begin in them. Campaigns, and incidents of single senders,
    are left out. The number of messages is that expected.

    Returns
    -------
    DataFrame
        ``network_code``, ``hour`` (naive UTC), ``messages``, ``delivered``.
    """
    rng = np.random.default_rng(seed)
    conditions = Conditions(world.incidents)
    traffics = plan_traffics(world, span_of(days, end), seed)
    found = []
    for traffic, share in zip(traffics, shares(traffics), strict=True):
        weights = np.diff(np.array(traffic.cumulated), prepend=0)
        rates = [_rate(conditions, traffic.network, hour) for hour in traffic.hours]
        number = rng.poisson(messages * share * weights / weights.sum())
        columns = {
            "network_code": traffic.network.code,
            "hour": times(np.array([hour.begins for hour in traffic.hours])),
            "messages": number,
            "delivered": rng.binomial(number, rates),
        }
        found.append(pd.DataFrame(columns))
    return pd.concat(found, ignore_index=True)


def _rate(conditions: Conditions, network: Network, hour: Hour) -> float:
    """Share of an hour's messages that is delivered in the end."""
    if not network.final:
        return 0.0
    rate = conditions.quality(hour.quality, network.code, "", hour.begins).rate
    return rate * (1 - network.silent)
