"""Who sends what when, in columns: one value a message, in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from dlr_analytics.simulate.world.clocks import HOUR, to_ms
from dlr_analytics.simulate.world.history import campaigns_of, check_campaigns
from dlr_analytics.simulate.world.incidents import Campaign
from dlr_analytics.simulate.world.parameters import Sender, World
from dlr_analytics.simulate.world.senders import DAYTIME
from dlr_analytics.simulate.world.traffic import Span, Traffic, last_send

Whole = npt.NDArray[np.int64]

ANYBODY: Final = (Sender("AcmeInc", "order", 1),)
"""Who sends in a world without senders."""


@dataclass(frozen=True)
class Sent:
    """Messages in columns.

    ``network``, ``hour`` (of that network's traffic) and ``sender`` are indices, ``campaign`` is
    one too, or -1; ``at`` is in milliseconds of UTC.
    """

    network: Whole
    hour: Whole
    sender: Whole
    campaign: Whole
    at: Whole

    def in_order(self) -> Sent:
        """The same in order of time."""
        order = np.argsort(self.at, kind="stable")
        return Sent(*(getattr(self, each.name)[order] for each in fields(self)))


def senders_of(world: World) -> list[Sender]:
    """The senders, and after them those that send in campaigns only."""
    usual = list(world.senders or ANYBODY)
    known = {sender.name for sender in usual}
    names = {each.sender or each.name for each in campaigns_of(world)}
    return usual + [Sender(name, "promo", 0) for name in sorted(names - known)]


def shares(traffics: Sequence[Traffic]) -> npt.NDArray[np.float64]:
    """Share of each network in the traffic."""
    weights = np.array([traffic.network.share for traffic in traffics], dtype=float)
    return np.asarray(weights / weights.sum())


def send(
    world: World,
    traffics: Sequence[Traffic],
    messages: int,
    span: Span,
    rng: np.random.Generator,
) -> Sent:
    """Draw the messages of a world, those of campaigns included in their number."""
    check_campaigns(messages, span, world)
    campaigns = campaigns_of(world)
    usual = messages - sum(campaign.messages for campaign in campaigns)
    parts = [_usual(world, traffics, usual, rng)]
    for index, campaign in enumerate(campaigns):
        parts.append(_campaign(world, traffics, index, campaign, span, rng))
    columns = (
        np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Sent)
    )
    return Sent(*columns).in_order()


def _usual(
    world: World, traffics: Sequence[Traffic], messages: int, rng: np.random.Generator
) -> Sent:
    network = rng.choice(len(traffics), messages, p=shares(traffics))
    hour, at = np.empty(messages, dtype=int), np.empty(messages, dtype=int)
    for index, traffic in enumerate(traffics):
        of_network = np.flatnonzero(network == index)
        cumulated = np.array(traffic.cumulated)
        drawn = rng.random(len(of_network)) * cumulated[-1]
        hours = np.searchsorted(cumulated, drawn, side="right")
        begins = np.array([each.begins for each in traffic.hours])[hours]
        lengths = np.array([each.length for each in traffic.hours])[hours]
        hour[of_network] = hours
        at[of_network] = begins + (rng.random(len(of_network)) * lengths).astype(int)
    sender = _senders(world, _local(traffics, network, hour), rng)
    return Sent(network, hour, sender, np.full(messages, -1), at)


def _local(traffics: Sequence[Traffic], network: Whole, hour: Whole) -> Whole:
    """Hour on the subscribers' clock."""
    table = np.array([[each.local for each in traffic.hours] for traffic in traffics])
    return np.asarray(table[network, hour])


def _senders(world: World, local: Whole, rng: np.random.Generator) -> Whole:
    senders = senders_of(world)
    by_day = np.array([sender.share for sender in senders], dtype=float)
    by_night = by_day * [not sender.daytime for sender in senders]
    is_day = np.isin(local, list(DAYTIME))
    sender = np.empty(len(local), dtype=int)
    if not by_night.sum():
        by_night = by_day
    for weights, chosen in ((by_day, is_day), (by_night, ~is_day)):
        sender[chosen] = rng.choice(len(senders), int(chosen.sum()), p=weights / weights.sum())
    return sender


def _campaign(
    world: World,
    traffics: Sequence[Traffic],
    index: int,
    campaign: Campaign,
    span: Span,
    rng: np.random.Generator,
) -> Sent:
    codes = campaign.network_codes
    part = np.array([not codes or traffic.network.code in codes for traffic in traffics])
    weights = shares(traffics) * part
    network = rng.choice(len(traffics), campaign.messages, p=weights / weights.sum())
    begins, ends = to_ms(campaign.begins), min(to_ms(campaign.ends), last_send(span))
    at = begins + (rng.random(campaign.messages) * (ends - begins)).astype(int)
    names = [sender.name for sender in senders_of(world)]
    sender = np.full(campaign.messages, names.index(campaign.sender or campaign.name))
    return Sent(network, (at - span.begins) // HOUR, sender, np.full(campaign.messages, index), at)
