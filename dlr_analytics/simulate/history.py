"""What happens in the simulated world, before anybody hears of it."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from dlr_analytics.simulate import example, fates
from dlr_analytics.simulate.networks import Network
from dlr_analytics.simulate.pushes import Push, Story, make_pushes
from dlr_analytics.simulate.senders import Message, compose
from dlr_analytics.simulate.strays import Stray, strays
from dlr_analytics.simulate.traffic import Hour, Span, Traffic, plan


@dataclass(frozen=True, slots=True)
class History:
    """All that happens: stories by their time of sending, and every call by its time of arrival.

    ``pushes`` and ``strays`` are in order of arrival, pushes after the end of the span included.
    """

    stories: tuple[Story, ...]
    pushes: tuple[Push, ...]
    strays: tuple[Stray, ...]


def make(messages: int, span: Span, networks: Sequence[Network], rng: Random) -> History:
    """The history of so many messages, drawn from ``rng`` alone."""
    traffics = [plan(network, span, rng) for network in networks]
    sends = sorted(_sends(messages, traffics, span, rng), key=lambda send: send[0].sent)
    stories = [_story(message, hour, span, rng) for message, hour in sends]
    _put_example(stories)
    stories[-1] = _prompt(stories[-1].message, span, rng)
    pushes = sorted((push for story in stories for push in story.pushes), key=_arrival)
    return History(tuple(stories), tuple(pushes), tuple(sorted(strays(messages, span, rng))))


def _arrival(push: Push) -> tuple[int, str]:
    return push.arrived, push.message.message_id


def _sends(
    messages: int, traffics: Sequence[Traffic], span: Span, rng: Random
) -> Iterator[tuple[Message, Hour]]:
    """The messages, in no order, each with the hour it is sent in."""
    shares = list(accumulate(traffic.network.share for traffic in traffics))
    for _ in range(messages):
        traffic = traffics[bisect(shares, rng.random() * shares[-1])]
        hour, sent = traffic.draw(rng)
        yield compose(traffic.network, sent, span, rng), hour


def _story(message: Message, hour: Hour, span: Span, rng: Random) -> Story:
    fate = fates.draw(message, hour, rng)
    return Story(message, fate, tuple(make_pushes(message, fate, span, rng)))


def _put_example(stories: list[Story]) -> None:
    """The example takes the place of a message after the first third, on a network like others."""
    for place in range(len(stories) // 3, len(stories)):
        network = stories[place].message.network
        if network.final and not network.messages_api and not network.words:
            stories[place] = example.story(stories[place].message)
            return


def _prompt(message: Message, span: Span, rng: Random) -> Story:
    """The last message goes smoothly, so that the newest receipt is younger than every send."""
    fate = fates.prompt(message)
    return Story(message, fate, tuple(make_pushes(message, fate, span, rng, smooth=True)))
