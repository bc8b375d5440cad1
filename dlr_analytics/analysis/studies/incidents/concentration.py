"""What the loss of a dip is concentrated in, if anything. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from dlr_analytics.analysis.studies.dips import Dip
from dlr_analytics.analysis.studies.incidents.cells import Cell, Dimensions, Key

LEAST_CONCENTRATED: Final = 0.8
"""The least share of a loss that the parts have in which it is concentrated."""

MOST_ELSEWHERE: Final = 0.25
"""The most that the other parts have lost of each message, as a share of what these parts have."""

LEAST_WITHIN: Final = 0.5
"""The least share of a scope's loss that its parts have lost against their own usual rates."""

LEAST_EVEN: Final = 0.6
"""The least share of messages in parts with half the average loss or more, if a loss is even."""


class Loss(NamedTuple):
    """The messages of a part of a scope during a dip, and how many of them are lost.

    Fewer than none are lost where more than usual were delivered.
    """

    messages: int
    lost: float


@dataclass(frozen=True, slots=True)
class Losses:
    """What each part of a scope has lost in a dip, against its rate on other days.

    Against the usual rate of the scope, where a part has no messages on other days.
    """

    of: Mapping[Key, Loss]
    dip: Dip

    @classmethod
    def by(cls, cells: Iterable[Cell], dip: Dip, dimensions: Dimensions, *names: str) -> Losses:
        """Divide the cells of a scope, of all days, by the dimensions with these names.

        Values of own dimensions that occur during the dip only are left out: nothing is known of
        what is usual for them.
        """
        during: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
        outside: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
        for cell in cells:
            sums = during if dip.first <= cell.day <= dip.last else outside
            both = sums[tuple(dimensions.value(cell, name) for name in names)]
            both[0] += cell.messages
            both[1] += cell.delivered
        found = {}
        is_own = bool({*names} & {*dimensions.own})
        for key, (messages, delivered) in during.items():
            n, x = outside.get(key, (0, 0.0))
            if is_own and not n:
                continue
            usual = x / n if n else dip.usual
            found[key] = Loss(int(messages), usual * messages - delivered)
        return cls(found, dip)

    @property
    def is_mix_shift(self) -> bool:
        """Whether the parts have not lost what the scope has: traffic has moved."""
        lost = sum(loss.lost for loss in self.of.values())
        return lost < LEAST_WITHIN * (self.dip.usual * self.dip.messages - self.dip.delivered)

    @property
    def is_even(self) -> bool:
        """Whether most messages are of parts with at least half the average loss.

        Where a network and a sender have an incident each at one time, all their parts have lost
        messages, and the loss is not even: the part of both has lost most, others nothing.
        """
        messages = sum(loss.messages for loss in self.of.values())
        if not messages:
            return True
        average = sum(loss.lost for loss in self.of.values()) / messages
        alike = sum(
            loss.messages for loss in self.of.values() if loss.lost >= average / 2 * loss.messages
        )
        return alike >= LEAST_EVEN * messages

    def concentrated(self) -> Collection[Key]:
        """Return the fewest parts with most of the loss, if the others have lost little.

        Empty if the others have lost more, if there are none, or if traffic has moved.
        """
        if self.is_mix_shift:
            return ()
        ordered = sorted(self.of, key=lambda key: -self.of[key].lost)
        total = sum(max(0.0, loss.lost) for loss in self.of.values())
        chosen: list[Key] = []
        lost, messages = 0.0, 0
        for key in ordered:
            if lost >= LEAST_CONCENTRATED * total:
                break
            chosen.append(key)
            lost += self.of[key].lost
            messages += self.of[key].messages
        others = [self.of[key] for key in ordered[len(chosen) :]]
        rest = sum(loss.messages for loss in others)
        if not rest or not messages:
            return ()
        elsewhere = sum(loss.lost for loss in others) / rest
        return chosen if elsewhere < MOST_ELSEWHERE * lost / messages else ()
