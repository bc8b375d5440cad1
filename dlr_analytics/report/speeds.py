"""How long delivery took: figures of a report, in seconds and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FEW_MEASURED: Final = 20
"""Below this many measured messages there is no percentile."""

PUSH_STEP_S: Final = 1
"""Push latencies are floored to whole seconds: the true upper bound is up to this much higher."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How long delivery to one place took: a row of the ``latency`` metric."""

    label: str
    measured: int
    from_accepted: float | None
    """Share of the measured messages whose send time is the stand-in."""
    within_10s: float | None
    within_30s: float | None
    within_60s: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    scts_p50: float | None
    scts_p50_margin: float | None
    scts_p95: float | None
    scts_p95_margin: float | None
    scts_within_30s: float | None = None
    scts_within_30s_margin: float | None = None

    @property
    def few(self) -> bool:
        """Whether too few are measured for a percentile."""
        return self.measured < FEW_MEASURED

    @property
    def p50_doubtful(self) -> bool:
        """Whether the median by scts is above that by push, which is later."""
        return _above(self.scts_p50, self.p50)

    @property
    def p95_doubtful(self) -> bool:
        """Whether the 95th percentile by scts is above that by push."""
        return _above(self.scts_p95, self.p95)


def _above(estimate: float | None, bound: float | None) -> bool:
    return estimate is not None and bound is not None and estimate > bound + PUSH_STEP_S


@dataclass(frozen=True, slots=True)
class Curve:
    """The cumulative share of measured messages confirmed, by seconds."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """The speed of all networks, of some places, and the curves to draw."""

    whole: Speed
    places: tuple[Speed, ...]
    curves: tuple[Curve, ...]
