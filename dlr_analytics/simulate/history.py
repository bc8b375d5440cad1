"""What happens in the simulated world, before anybody hears of it."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from dlr_analytics.simulate import fates
from dlr_analytics.simulate.example import as_example, push_example
from dlr_analytics.simulate.fates import Fate
from dlr_analytics.simulate.networks import Network
from dlr_analytics.simulate.pushes import Push, push_all
from dlr_analytics.simulate.senders import Message, compose
from dlr_analytics.simulate.strays import Stray, strays
from dlr_analytics.simulate.traffic import Hour, Span, Traffic, plan


@dataclass(frozen=True, slots=True)
class History:
    """All that happens: messages by their time of sending, each one's fate, and every call.

    ``pushes`` are in order of arrival, those after the end of the span included.
    """

    messages: tuple[Message, ...]
    fates: Mapping[str, Fate]
    pushes: tuple[Push, ...]
    strays: tuple[Stray, ...]


def make(messages: int, span: Span, networks: Sequence[Network], rng: Random) -> History:
    """The history of so many messages, drawn from ``rng`` alone."""
    traffics = [plan(network, span, rng) for network in networks]
    sends = sorted(_sends(messages, traffics, rng), key=lambda send: send[2])
    written: list[Message] = []
    ends: dict[str, Fate] = {}
    pushes: list[Push] = []
    for number, (network, hour, sent) in enumerate(sends):
        message = compose(network, sent, span, rng)
        last, example = number == messages - 1, number == messages // 3
        if example:
            message = as_example(message)
        fate = fates.prompt(message) if last or example else fates.draw(message, hour, rng)
        written.append(message)
        ends[message.message_id] = fate
        if example:
            pushes.append(push_example(message))
        else:
            pushes.extend(push_all(message, fate, span, rng, smooth=last))
    pushes.sort(key=lambda push: (push.arrived, push.message.message_id))
    return History(tuple(written), ends, tuple(pushes), tuple(strays(messages, span, rng)))


def _sends(
    messages: int, traffics: Sequence[Traffic], rng: Random
) -> list[tuple[Network, Hour, int]]:
    """Network, hour and moment of each message, in no order."""
    shares = list(accumulate(traffic.network.share for traffic in traffics))
    drawn = []
    for _ in range(messages):
        traffic = traffics[bisect(shares, rng.random() * shares[-1])]
        drawn.append((traffic.network, *traffic.draw(rng)))
    return drawn
