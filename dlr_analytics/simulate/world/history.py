"""The simulated history: all messages, their fates and their receipts."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from random import Random
from typing import Final

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate.world import example, fates
from dlr_analytics.simulate.world.clocks import SECOND, to_ms
from dlr_analytics.simulate.world.conditions import Conditions
from dlr_analytics.simulate.world.incidents import Campaign
from dlr_analytics.simulate.world.parameters import PATIENCE_S, World
from dlr_analytics.simulate.world.pushes import Push, Story, make_pushes
from dlr_analytics.simulate.world.senders import Message, Occasion, compose, repeat
from dlr_analytics.simulate.world.strays import Stray, strays
from dlr_analytics.simulate.world.traffic import Hour, Span, Traffic, last_send, plan

_TRIES: Final = 3
"""How many codes a user asks for."""


@dataclass(frozen=True, slots=True)
class History:
    """Stories in order of sending; pushes and strays in order of arrival.

    Pushes that arrive after the end of the span are included.
    """

    stories: tuple[Story, ...]
    pushes: tuple[Push, ...]
    strays: tuple[Stray, ...]


def make(messages: int, span: Span, world: World, rng: Random) -> History:
    """Draw the history of a number of messages, from ``rng`` alone."""
    check_campaigns(messages, span, world)
    conditions = Conditions(world.incidents)
    traffics = [plan(network, span, world.variation, conditions, rng) for network in world.networks]
    draw = _Drawing(span, world, conditions, traffics, rng)
    sends = sorted(draw.sends(messages), key=lambda send: send[0].sent)
    stories = draw.repeated([draw.story(message, hour) for message, hour in sends], messages)
    _insert_example(stories)
    stories[-1] = draw.prompt(stories[-1].message)
    pushes = sorted((push for story in stories for push in story.pushes), key=_arrival)
    return History(tuple(stories), tuple(pushes), tuple(sorted(strays(messages, span, rng))))


def _arrival(push: Push) -> tuple[int, str]:
    return push.arrived, push.message.message_id


def campaigns_of(world: World) -> list[Campaign]:
    """List the campaigns among the incidents."""
    return [each for each in world.incidents if isinstance(each, Campaign)]


def check_campaigns(messages: int, span: Span, world: World) -> None:
    """Check that campaigns lie in a span and have no more messages than all.

    Raises
    ------
    UnreadableValue
        They do not.
    """
    campaigns = campaigns_of(world)
    if messages < sum(campaign.messages for campaign in campaigns):
        raise UnreadableValue(f"messages: {messages} are fewer than the campaigns'", "give more")
    for each in campaigns:
        if to_ms(each.begins) < span.begins or to_ms(each.begins) >= last_send(span):
            raise UnreadableValue(
                f"campaign {each.name}: begins outside the simulated time", "change its begin"
            )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws messages and their stories in a planned world."""

    span: Span
    world: World
    conditions: Conditions
    traffics: Sequence[Traffic]
    rng: Random

    def sends(self, messages: int) -> Iterator[tuple[Message, Hour]]:
        """Draw the messages, unordered, each with the hour in which it is sent."""
        campaigns = campaigns_of(self.world)
        usual = messages - sum(campaign.messages for campaign in campaigns)
        shares = list(accumulate(traffic.network.share for traffic in self.traffics))
        for _ in range(usual):
            traffic = self.traffics[bisect(shares, self.rng.random() * shares[-1])]
            hour, sent = traffic.draw(self.rng)
            yield self._send(traffic, hour, sent)
        for campaign in campaigns:
            yield from self._campaign(campaign)

    def _campaign(self, campaign: Campaign) -> Iterator[tuple[Message, Hour]]:
        codes = campaign.network_codes
        traffics = [each for each in self.traffics if not codes or each.network.code in codes]
        shares = [each.network.share for each in traffics]
        begins, ends = to_ms(campaign.begins), min(to_ms(campaign.ends), last_send(self.span))
        for _ in range(campaign.messages):
            traffic = self.rng.choices(traffics, shares)[0]
            sent = begins + int(self.rng.random() * (ends - begins))
            yield self._send(traffic, traffic.hour_at(sent), sent, campaign)

    def _send(
        self, traffic: Traffic, hour: Hour, sent: int, campaign: Campaign | None = None
    ) -> tuple[Message, Hour]:
        occasion = Occasion(traffic.network, sent, hour.local, campaign)
        return compose(occasion, self.world.senders, self.conditions, self.rng), hour

    def story(self, message: Message, hour: Hour) -> Story:
        """Draw what becomes of a message sent in an hour."""
        quality = self.conditions.quality(
            hour.quality, message.network.code, message.sender, message.sent
        )
        fate = fates.draw(message, quality, self.rng)
        return Story(message, fate, tuple(make_pushes(message, fate, self.conditions, self.rng)))

    def prompt(self, message: Message) -> Story:
        """Draw a story without delays: the newest receipt has to be after all sends."""
        fate = fates.prompt(message)
        pushes = make_pushes(message, fate, self.conditions, self.rng, smooth=True)
        return Story(message, fate, tuple(pushes))

    def repeated(self, stories: list[Story], messages: int) -> list[Story]:
        """Add messages of users who ask again, and drop as many at random."""
        repeats = {each.name: each.repeats for each in self.world.senders if each.repeats}
        if not repeats:
            return stories
        hours = {each.network.code: each for each in self.traffics}
        chains = [list(self._tries(story, repeats, hours)) for story in stories]
        self.rng.shuffle(chains)
        kept = list(chain.from_iterable(chains))[:messages]
        return sorted(kept, key=lambda story: story.message.sent)

    def _tries(
        self, story: Story, repeats: dict[str, float], traffics: dict[str, Traffic]
    ) -> Iterator[Story]:
        """A story, and those of the messages that are sent again because of it."""
        yield story
        share = repeats.get(story.message.sender, 0.0)
        for _ in range(_TRIES - 1):
            if _arrives(story) or self.rng.random() >= share:
                return
            sent = story.message.sent + int((PATIENCE_S + self.rng.random() * 75) * SECOND)
            if sent >= last_send(self.span):
                return
            message = repeat(story.message, sent, self.conditions, self.rng)
            story = self.story(message, traffics[message.network.code].hour_at(sent))
            yield story


def _arrives(story: Story) -> bool:
    """Whether a message reaches the phone before the user asks for another."""
    fate, sent = story.fate, story.message.sent
    return fate.status == "delivered" and not fate.fake and fate.at - sent <= PATIENCE_S * SECOND


def _insert_example(stories: list[Story]) -> None:
    """Replace a message after the first third, on an ordinary network, by the example."""
    for index in range(len(stories) // 3, len(stories)):
        network = stories[index].message.network
        if network.final and not network.messages_api and not network.spellings:
            stories[index] = example.story(stories[index].message)
            return
