"""Changes of a rate in hourly counts: the partition, the hour, and what is too little."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.studies import changepoints
from dlr_analytics.analysis.studies.changepoints import MIN_DAYS, find
from dlr_analytics.analysis.studies.courses import Cell, Stretch
from tests.support.courses import course


def cells(rates: list[float], messages: int = 100, every: int = 1) -> list[Cell]:
    """An hour for each rate; delivered exactly."""
    hours = [at * every for at in range(len(rates))]
    return [
        Cell(hour, hour // 24, messages, messages * rate)
        for hour, rate in zip(hours, rates, strict=True)
    ]


@pytest.mark.parametrize("hour", [200, 204, 215, 239, 400])
@pytest.mark.parametrize("step", [-0.3, 0.05])
def test_a_change_is_found_at_its_hour(hour: int, step: float) -> None:
    (found,) = find(cells([0.9] * hour + [0.9 + step] * (480 - hour)))
    assert (found.hour, found.before.messages) == (hour, 100 * hour)
    assert found.difference == pytest.approx(step)
    assert found.earliest <= hour <= found.latest


def test_stretches_reach_from_change_to_change() -> None:
    steps = find(cells([0.9] * 200 + [0.6] * 200 + [0.95] * 80))
    assert [step.hour for step in steps] == [200, 400]
    assert steps[0].after == steps[1].before
    assert sum(step.before.messages for step in steps) + steps[-1].after.messages == 48_000


@pytest.mark.parametrize(("step", "found"), [(0.019, 0), (0.02, 1), (-0.019, 0), (-0.02, 1)])
def test_only_steps_of_2_points_and_more_count(step: float, found: int) -> None:
    assert len(find(cells([0.5] * 240 + [0.5 + step] * 240, 10**6))) == found


@pytest.mark.parametrize("days", [0, 1, MIN_DAYS - 1, MIN_DAYS])
def test_messages_on_fewer_than_8_days_have_no_change(days: int) -> None:
    rates = ([0.9] * 24 * (days // 2) + [0.5] * 24 * days)[: 24 * days]
    assert len(find(cells(rates))) == (days >= MIN_DAYS)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_that_never_varies_has_no_change(rate: float) -> None:
    assert find(cells([rate] * 480)) == []


def test_an_hour_within_which_the_rate_changes_is_no_stretch() -> None:
    (found,) = find(cells([0.9] * 250 + [0.75] + [0.6] * 249, 1000))
    assert (found.earliest, found.hour) in {(250, 250), (250, 251)}


def test_a_gap_without_messages_belongs_to_the_interval() -> None:
    before, after = cells([0.9] * 240), cells([0.5] * 240)
    moved = [Cell(cell.hour + 300, cell.day + 13, 100, cell.delivered) for cell in after]
    (found,) = find([*before, *moved])
    assert (found.earliest, found.hour, found.latest) == (240, 300, 300)


def test_mirrored_rates_change_by_the_opposite() -> None:
    rng = np.random.default_rng(2)
    seen = course(rng, 50, 0.9, [(700, -0.1)])
    mirrored = [Cell(c.hour, c.day, c.messages, c.messages - c.delivered) for c in seen]
    one, other = find(seen), find(mirrored)
    assert one
    assert [step.hour for step in one] == [step.hour for step in other]
    assert [step.difference for step in one] == pytest.approx([-s.difference for s in other])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1)), min_size=2, max_size=8),
    st.sampled_from([0.0, 1e-5, 1e-3]),
)
def test_no_other_partition_costs_less(days: list[tuple[int, float]], between: float) -> None:
    """Against every possible partition."""
    every = [Stretch(n, n * rate, 24) for n, rate in days]
    p = (sum(day.delivered for day in every) + 1) / (sum(day.messages for day in every) + 2)
    weights = np.array([1 / day.variance(p, between) for day in every])
    rates = np.array([day.rate for day in every])

    def cost(cuts: tuple[int, ...]) -> float:
        total = 25.0 * len(cuts)
        for a, b in itertools.pairwise([0, *cuts, len(every)]):
            mean = np.average(rates[a:b], weights=weights[a:b])
            total += float(np.sum(weights[a:b] * (rates[a:b] - mean) ** 2))
        return total

    places = range(1, len(every))
    least = min(cost(cuts) for k in range(len(every)) for cuts in itertools.combinations(places, k))
    found = changepoints.partition(every, between)
    assert cost(tuple(found)) <= least + 1e-6 * (1 + least)
