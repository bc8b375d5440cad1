"""The simulation: from a seed to webhook calls, a send log and the truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from random import Random
from typing import Literal

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate.calls import WebhookCall, receipt_call, stray_call
from dlr_analytics.simulate.truth import Truth, derive_truth
from dlr_analytics.simulate.world import history as histories
from dlr_analytics.simulate.world.clocks import DAY, SECOND, to_ms, to_time
from dlr_analytics.simulate.world.history import History
from dlr_analytics.simulate.world.parameters import World
from dlr_analytics.simulate.world.plans import classic, demonstrated, planned
from dlr_analytics.simulate.world.pushes import Push
from dlr_analytics.simulate.world.strays import Stray
from dlr_analytics.simulate.world.traffic import Span
from dlr_analytics.webhook.judge import Rules, Store, judge
from dlr_analytics.webhook.receipt import Receipt


@dataclass(frozen=True)
class Simulation:
    """A simulation; its calls and its truth are computed on first access."""

    seed: int
    days: int
    end: dt.datetime
    world: World
    history: History

    @cached_property
    def calls(self) -> tuple[WebhookCall, ...]:
        """All calls of the webhook until the end, in order of arrival."""
        rng = _stream(self.seed, "wire")
        arrivals: Iterator[Push | Stray] = merge(
            (push for push in self.history.pushes if push.arrived <= to_ms(self.end)),
            self.history.strays,
            key=lambda event: event.arrived,
        )
        return tuple(
            receipt_call(event, rng) if isinstance(event, Push) else stray_call(event)
            for event in arrivals
        )

    @property
    def sends(self) -> tuple[tuple[str, dt.datetime], ...]:
        """The send log: message ID and send time (naive UTC), in order of time."""
        messages = (story.message for story in self.history.stories)
        return tuple((m.message_id, to_time(m.sent)) for m in messages if m.account.logged)

    @cached_property
    def conversions(self) -> tuple[tuple[str, dt.datetime], ...]:
        """Client reference and time of each code that was used, in order of time.

        Times are naive UTC. A code is used within a minute after it has reached the phone, and
        once at most.
        """
        rng = _stream(self.seed, "conversions")
        shares = {sender.name: sender.converts for sender in self.world.senders}
        used: dict[str, int] = {}
        for message, fate, _ in self.history.stories:
            reference, share = message.client_ref, shares.get(message.sender, 0.0)
            reached = fate.status == "delivered" and not fate.fake and not fate.off
            if reference and share and reached and reference not in used and rng.random() < share:
                used[reference] = fate.at + 5 * SECOND + int(rng.random() * 55 * SECOND)
        return tuple(sorted(((r, to_time(at)) for r, at in used.items()), key=lambda use: use[1]))

    @cached_property
    def truth(self) -> Truth:
        """The truth as of the newest receipt, and the final one."""
        return derive_truth(self.history, self.world.incidents, to_ms(self.end))

    def receipts(self) -> Iterator[Receipt]:
        """Yield the receipts that a receiver with default settings would store."""
        rules = Rules()
        for call in self.calls:
            verdict = judge(call.request(), rules, call.arrived_at)
            if isinstance(verdict, Store):
                yield verdict.receipt


def simulate(
    messages: int,
    seed: int,
    days: int = 30,
    end: dt.datetime | None = None,
    world: World | Literal["classic", "planned", "demo"] = "classic",
) -> Simulation:
    """Simulate delivery receipts with known truth.

    Parameters
    ----------
    messages : int
        Number of message parts.
    seed : int
        The same seed gives the same calls to the byte (with the same ``messages``, ``days`` and
        ``end``).
    days : int
        Number of UTC days on which messages are sent; the last contains the end.
    end : datetime, optional
        End of arrivals, naive UTC; by default now.
    world : World, "classic", "planned" or "demo"
        What happens: your own world; by default a classic one; one with three kinds of
        senders and up to eight incidents, planned from the seed and the days; or that of
        ``dlr demo``, which ends with a filtered sender, a network that failed and a new price.

    Returns
    -------
    Simulation
        Its ``calls`` in order of arrival, its ``sends`` and its ``truth``.

    Raises
    ------
    UnreadableValue
        If ``messages`` or ``days`` is below 1, the days are outside the years 2000 to 9998, or the
        world's campaigns have more messages.

    Examples
    --------
    >>> import datetime as dt
    >>> simulation = simulate(1000, seed=1, end=dt.datetime(2026, 11, 23))
    >>> len(simulation.calls) > 1000
    True
    >>> sum(simulation.truth.outcomes.values())
    1000
    """
    for name, value in (("messages", messages), ("days", days)):
        if value < 1:
            raise UnreadableValue(f"{name}: {value} cannot be used", "give a number above 0")
    if end is not None and (end.year - days // 365 - 1 < 2000 or end.year > 9998):
        raise UnreadableValue(f"end: {end:%Y-%m-%d} cannot be used", "give one from 2002 to 9998")
    ends = to_ms(end or dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0))
    first_day = (ends - 1) // DAY - (days - 1)
    span = Span(first_day * DAY, ends)
    if world == "classic":
        world = classic(span)
    elif world == "planned":
        world = planned(messages, span, _stream(seed, "plan"))
    elif world == "demo":
        world = demonstrated(span)
    history = histories.make(messages, span, world, _stream(seed, "history"))
    return Simulation(seed, days, to_time(ends), world, history)


def _stream(seed: int, name: str) -> Random:
    """Random numbers of one part, independent of changes in other parts."""
    return Random(f"{seed}/{name}")  # noqa: S311 - a simulation has to be repeatable
