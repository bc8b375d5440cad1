"""Figures are written as look.md says, to the sign."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.presentation import formats

SHARES = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    "written",
    [
        formats.count(None),
        formats.rate(None),
        formats.interval(None, None),
        formats.money(None, "EUR"),
        formats.price(None, "EUR"),
        formats.per_thousand(None),
        formats.duration(None),
    ],
)
def test_what_is_missing_is_a_dash_and_never_zero(written: str) -> None:
    assert written == "–"


@given(SHARES.filter(lambda share: share > 0), st.integers(0, 2))
def test_a_share_above_zero_never_prints_as_zero(share: float, decimals: int) -> None:
    assert formats.rate_figure(share, decimals) not in {"0", "0.0", "0.00"}


@given(SHARES.filter(lambda share: share < 1), st.integers(0, 2))
def test_a_share_below_one_never_prints_as_all(share: float, decimals: int) -> None:
    assert not formats.rate_figure(share, decimals).startswith("100")


@given(st.decimals("0.00000001", "99999", places=8))
def test_money_that_is_owed_never_prints_as_nothing(amount: Decimal) -> None:
    assert formats.money_figure(amount) not in {"0", "0.00"}


def test_a_minus_sign_is_never_a_hyphen() -> None:
    written = [
        formats.duration(-3),
        formats.count(-1000),
        formats.money(-3, "EUR"),
    ]
    assert written == ["−3 s", "−1,000", "−€3.00"]


def test_halves_round_away_from_zero_as_people_expect() -> None:
    assert formats.rate_figure(0.9445, 1) == "94.5"
    assert formats.rate_figure(Decimal("0.00125"), 2) == "0.13"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(99, "99 s"), (100, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (36000, "10 h")],
)
def test_durations_change_unit_where_they_should(seconds: int, written: str) -> None:
    assert formats.duration(seconds) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.0467", "€0.0467"),
        ("0.05", "€0.0500"),
        ("0.00621251", "€0.00621251"),
        ("1200", "€1,200.0000"),
    ],
)
def test_a_price_keeps_every_digit_that_was_billed(amount: str, written: str) -> None:
    assert formats.price(Decimal(amount), "EUR") == written


def test_a_range_names_year_and_month_once_where_they_are_shared() -> None:
    assert formats.dates(date(2026, 11, 1), date(2026, 11, 2)) == "1 to 2 November 2026"
    assert formats.dates(date(2026, 10, 31), date(2026, 11, 2)) == "31 October to 2 November 2026"
