"""A long table keeps its sums however it is folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlr_analytics.report.fold import MOST_ROWS, Rest, combined, fold
from dlr_analytics.report.model import Country, Place, Report, Tally
from tests.support import reports


@pytest.fixture
def crowded() -> Report:
    """300 networks in 60 countries, few of which matter."""
    return reports.crowded_report()


def rows(folded_tallies: list[Place | Rest]) -> int:
    """The sum of messages over rows."""
    return sum(row.tally.messages for row in folded_tallies)


def test_a_table_of_few_networks_is_whole(report: Report) -> None:
    folded = fold(report)
    assert folded.whole
    assert rows([group.whole for group in folded.groups]) == report.tally.messages


def test_a_country_with_one_network_is_one_row(report: Report) -> None:
    lone = {c.whole.country for c in report.countries if len(c.networks) == 1}
    for group in fold(report).groups:
        assert (group.networks == ()) == (group.whole.country in lone)
        assert (group.count == 1) == (group.whole.country in lone)


def test_a_long_table_is_folded_and_adds_up(crowded: Report) -> None:
    folded = fold(crowded)
    assert not folded.whole
    assert sum(len(group.networks) for group in folded.groups) <= MOST_ROWS
    assert len(folded.groups) <= MOST_ROWS
    assert folded.rest is not None
    assert rows([g.whole for g in folded.groups] + [folded.rest]) == crowded.tally.messages
    for group in folded.groups:
        below: list[Place | Rest] = [*group.networks, *([group.rest] if group.rest else [])]
        assert rows(below) == (group.whole.tally.messages if below else 0)
        assert len(group.networks) + (group.rest.count if group.rest else 0) in (0, group.count)


def test_every_network_is_shown_that_has_a_hundredth_of_the_undelivered(crowded: Report) -> None:
    shown = {place.code for group in fold(crowded).groups for place in group.networks}
    of_all = crowded.tally.undelivered
    large = [p.code for p in crowded.networks if p.tally.undelivered >= 0.01 * of_all]
    assert shown == set(large)
    assert 1 < len(large) < MOST_ROWS


def test_never_more_than_forty_networks_are_shown(
    crowded: Report, make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> None:
    of = make_tally(1000, 0.9)
    networks = tuple(make_place(f"{n:05}", None, "XX", "Nowhere", of) for n in range(60))
    alike = replace(
        crowded,
        countries=(Country(make_place(None, None, "XX", "Nowhere", of), networks),),
        tally=combined([of] * 60),
    )
    (group,) = fold(alike).groups
    assert len(group.networks) == MOST_ROWS
    assert group.rest is not None
    assert group.rest.count == 20


def test_the_rate_of_a_sum_is_exact_and_unknown_where_a_part_is_unknown(
    make_tally: Callable[..., Tally],
) -> None:
    one, other = make_tally(100, 0.9), make_tally(300, 0.5)
    assert combined([one, other]).rate == pytest.approx(0.6)
    assert combined([one, replace(other, rate=None)]).rate is None
    assert combined([make_tally(0, 0)]).rate is None
