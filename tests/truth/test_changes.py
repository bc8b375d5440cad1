"""``changes`` against courses whose changes are known: false ones, those found, and intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import pytest

from dlr_analytics.analysis.studies.changepoints import find
from tests.support.courses import course

Record = Callable[[str, object], None]

QUIET = [(per_hour, rate) for per_hour in (2, 10, 100, 1000) for rate in (0.99, 0.97, 0.9, 0.8)]


@dataclass(frozen=True)
class Outcome:
    """Of so many courses with one change: found, median hours off, interval holds, its width."""

    found: float
    off: float
    holds: float
    width: float
    others: int


def outcome(per_hour: float, step: float, courses: int, seed: int, *, whole: bool) -> Outcome:
    """Search courses with one change on a day between the 10th and the 50th."""
    rng = np.random.default_rng([seed, int(per_hour), int(-1000 * step), int(whole)])
    off: list[int] = []
    holds: list[bool] = []
    width: list[int] = []
    others = 0
    for _ in range(courses):
        at = rng.uniform(10 * 24, 50 * 24)
        hour = int(at)
        steps = find(course(rng, per_hour, 0.95, [(hour if whole else at, step)]))
        near = [one for one in steps if abs(one.hour - hour) <= 48]
        others += len(steps) - len(near[:1])
        if near:
            off.append(abs(near[0].hour - hour))
            holds.append(near[0].earliest <= hour <= near[0].latest)
            width.append(near[0].latest - near[0].earliest)
    assert off, "no change was found at all"
    held = sum(holds) / len(holds)
    return Outcome(len(off) / courses, median(off), held, median(width), others)


def line(per_hour: float, step: float, whole: bool, o: Outcome) -> str:
    """A row of the table."""
    when = "on the hour" if whole else "at any minute"
    return (
        f"{100 * step:+.0f} points at {per_hour:g} an hour, {when}: found {o.found:.0%}, "
        f"{o.off:g} h off, interval holds {o.holds:.0%}, {o.width:g} h wide, {o.others} others"
    )


def test_a_large_change_is_found_to_the_hour() -> None:
    found = outcome(200, -0.3, 10, seed=1, whole=True)
    assert (found.found, found.off) == (1, 0)
    assert found.holds >= 0.9


@pytest.mark.slow
def test_quiet_courses_have_a_false_change_in_2_percent_at_most(record_property: Record) -> None:
    rng = np.random.default_rng(7)
    false = {
        (per_hour, rate): sum(bool(find(course(rng, per_hour, rate))) for _ in range(30))
        for per_hour, rate in QUIET
    }
    for (per_hour, rate), number in false.items():
        record_property("figures", f"changes, quiet, {rate:.0%} at {per_hour}: {number} of 30")
    share = sum(false.values()) / (30 * len(QUIET))
    record_property("figures", f"changes: {share:.1%} of {30 * len(QUIET)} quiet series")
    assert 30 * len(QUIET) >= 240
    assert share <= 0.02


@pytest.mark.slow
@pytest.mark.parametrize(
    ("per_hour", "step", "least"),
    [
        (5, -0.1, 0.95),
        (20, -0.05, 0.95),
        (100, -0.03, 0.9),
        (20, -0.3, 0.99),
        (200, -0.3, 0.99),
        (1000, -0.3, 0.99),
    ],
)
def test_changes_are_found_and_their_intervals_hold(
    per_hour: float, step: float, least: float, record_property: Record
) -> None:
    whole = outcome(per_hour, step, 60, seed=2, whole=True)
    minute = outcome(per_hour, step, 60, seed=2, whole=False)
    record_property("figures", line(per_hour, step, True, whole))
    record_property("figures", line(per_hour, step, False, minute))
    assert min(whole.found, minute.found) >= least
    assert whole.holds >= 0.92
    assert minute.holds >= 0.85, "within the hour of the change, or minutes beside it"


@pytest.mark.slow
def test_a_short_change_shows_both_ends_or_the_first_at_least(record_property: Record) -> None:
    rng = np.random.default_rng(3)
    both = one = 0
    for _ in range(60):
        at = int(rng.uniform(10 * 24, 50 * 24))
        steps = find(course(rng, 100, 0.95, [(at, -0.3), (at + 8, 0.3)]))
        ends = [any(abs(step.hour - end) <= 3 for step in steps) for end in (at, at + 8)]
        both += all(ends)
        one += any(ends)
    shares = f"both ends within 3 h {both / 60:.0%}, one at least {one / 60:.0%}"
    record_property("figures", f"-30 points for 8 hours at 100 an hour: {shares}")
    assert both / 60 >= 0.5
