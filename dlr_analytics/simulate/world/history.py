"""The simulated history: all messages, their fates and their receipts."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from dlr_analytics.simulate.world import example, fates
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.pushes import Push, Story, make_pushes
from dlr_analytics.simulate.world.senders import Message, compose
from dlr_analytics.simulate.world.strays import Stray, strays
from dlr_analytics.simulate.world.traffic import Hour, Span, Traffic, plan


@dataclass(frozen=True, slots=True)
class History:
    """Stories in order of sending; pushes and strays in order of arrival.

    Pushes that arrive after the end of the span are included.
    """

    stories: tuple[Story, ...]
    pushes: tuple[Push, ...]
    strays: tuple[Stray, ...]


def make(messages: int, span: Span, networks: Sequence[Network], rng: Random) -> History:
    """Draw the history of a number of messages, from ``rng`` alone."""
    traffics = [plan(network, span, rng) for network in networks]
    sends = sorted(_sends(messages, traffics, span, rng), key=lambda send: send[0].sent)
    stories = [_story(message, hour, span, rng) for message, hour in sends]
    _insert_example(stories)
    stories[-1] = _prompt(stories[-1].message, span, rng)
    pushes = sorted((push for story in stories for push in story.pushes), key=_arrival)
    return History(tuple(stories), tuple(pushes), tuple(sorted(strays(messages, span, rng))))


def _arrival(push: Push) -> tuple[int, str]:
    return push.arrived, push.message.message_id


def _sends(
    messages: int, traffics: Sequence[Traffic], span: Span, rng: Random
) -> Iterator[tuple[Message, Hour]]:
    """Draw the messages, unordered, each with the hour in which it is sent."""
    shares = list(accumulate(traffic.network.share for traffic in traffics))
    for _ in range(messages):
        traffic = traffics[bisect(shares, rng.random() * shares[-1])]
        hour, sent = traffic.draw(rng)
        yield compose(traffic.network, sent, span, rng), hour


def _story(message: Message, hour: Hour, span: Span, rng: Random) -> Story:
    fate = fates.draw(message, hour, rng)
    return Story(message, fate, tuple(make_pushes(message, fate, span, rng)))


def _insert_example(stories: list[Story]) -> None:
    """Replace a message after the first third, on an ordinary network, by the example."""
    for index in range(len(stories) // 3, len(stories)):
        network = stories[index].message.network
        if network.final and not network.messages_api and not network.spellings:
            stories[index] = example.story(stories[index].message)
            return


def _prompt(message: Message, span: Span, rng: Random) -> Story:
    """Draw a story without delays: the newest receipt has to be after all sends."""
    fate = fates.prompt(message)
    return Story(message, fate, tuple(make_pushes(message, fate, span, rng, smooth=True)))
