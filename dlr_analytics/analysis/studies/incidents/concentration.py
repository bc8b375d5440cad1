"""What the loss of a dip is concentrated in, if anything. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from dlr_analytics.analysis.studies.dips import Dip
from dlr_analytics.analysis.studies.incidents.cells import Cell, Dimensions, Key

MOST_OF: Final = 0.8
"""The share of a loss that its parts have where it is concentrated in them."""

ELSEWHERE: Final = 0.25
"""The most that any other message has lost then, as a share of what a message of theirs has."""

OWN: Final = 0.5
"""The least share of a loss that is the parts' own."""

ALIKE: Final = 0.6
"""The least share of messages that have lost alike, where a loss is spread over all of them."""


class Loss(NamedTuple):
    """The messages of a part of a scope during a dip, and how many it has lost."""

    messages: int
    lost: float


@dataclass(frozen=True, slots=True)
class Losses:
    """What each part of a scope has lost in a dip, against its own usual rate."""

    of: Mapping[Key, Loss]
    dip: Dip

    @classmethod
    def by(cls, cells: Iterable[Cell], dip: Dip, dimensions: Dimensions, *names: str) -> Losses:
        """Divide the cells of a scope by some dimensions.

        Messages with an own value that none had before or after are left out: nothing is known of
        what is usual for them.
        """
        now: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
        before: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
        for cell in cells:
            sums = now if dip.first <= cell.day <= dip.last else before
            both = sums[tuple(dimensions.value(cell, name) for name in names)]
            both[0] += cell.messages
            both[1] += cell.delivered
        found = {}
        is_own = bool({*names} & {*dimensions.own})
        for key, (messages, delivered) in now.items():
            n, x = before.get(key, (0, 0.0))
            if is_own and not n:
                continue
            usual = x / n if n else dip.usual
            found[key] = Loss(int(messages), usual * messages - delivered)
        return cls(found, dip)

    @property
    def are_mix(self) -> bool:
        """Whether the parts have not lost what the whole has: traffic has moved."""
        lost = sum(loss.lost for loss in self.of.values())
        return lost < OWN * (self.dip.usual * self.dip.messages - self.dip.delivered)

    @property
    def are_even(self) -> bool:
        """Whether most messages are of parts that have lost alike.

        Two incidents at a time, of a network and of a sender, have losses everywhere, but not so.
        """
        messages = sum(loss.messages for loss in self.of.values())
        if not messages:
            return True
        average = sum(loss.lost for loss in self.of.values()) / messages
        alike = sum(
            loss.messages for loss in self.of.values() if loss.lost >= average / 2 * loss.messages
        )
        return alike >= ALIKE * messages

    def concentrated(self) -> Collection[Key]:
        """Return the fewest parts with most of the loss, if all others have lost little.

        Empty if they have not, or if the parts have not lost what the whole has.
        """
        if self.are_mix:
            return ()
        ordered = sorted(self.of, key=lambda key: -self.of[key].lost)
        total = sum(max(0.0, loss.lost) for loss in self.of.values())
        chosen: list[Key] = []
        lost, messages = 0.0, 0
        for key in ordered:
            if lost >= MOST_OF * total:
                break
            chosen.append(key)
            lost += self.of[key].lost
            messages += self.of[key].messages
        others = [self.of[key] for key in ordered[len(chosen) :]]
        rest = sum(loss.messages for loss in others)
        if not rest or not messages:
            return ()
        elsewhere = sum(loss.lost for loss in others) / rest
        return chosen if elsewhere < ELSEWHERE * lost / messages else ()
