"""Which times a study compares: whole weeks by default, by the calendar of a zone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.studies.periods import (
    Period,
    earlier_periods,
    must_not_overlap,
    parse_period,
    period_before,
    period_of,
)
from dlr_analytics.analysis.timezones import local
from dlr_analytics.errors import DlrError, UnreadableValue, UsageError

ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"])
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2027, 1, 1))
AS_OF = "2026-11-24T05:00Z"


def period(**asked: str) -> Period:
    parameters: Parameters = {"as_of": AS_OF, **asked}  # type: ignore[typeddict-item]
    return period_of(parse(parameters))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@given(MOMENTS, ZONES)
def test_by_default_it_is_seven_whole_days_before_the_day_of_as_of(
    as_of: dt.datetime, tz: str
) -> None:
    found = period_of(parse({"as_of": as_of.replace(tzinfo=dt.UTC), "tz": tz}))
    begins, ends = (local(moment, tz) for moment in found)
    assert ends == dt.datetime.combine(local(as_of, tz).date(), dt.time())
    assert begins == ends - dt.timedelta(days=7)


def test_since_alone_goes_to_the_day_of_as_of_and_later_to_as_of_itself() -> None:
    assert period(since="2026-11-20").ends == at("2026-11-24")
    assert period(since="2026-11-24").ends == at("2026-11-24T05:00")


def test_until_alone_is_the_week_before() -> None:
    assert period(until="2026-11-10T12:00") == (at("2026-11-03T12:00"), at("2026-11-10T12:00"))


@given(MOMENTS, st.integers(1, 60 * 24 * 30), st.integers(1, 52), ZONES)
def test_each_earlier_one_is_a_least_number_of_weeks_before_by_the_clock(
    begins: dt.datetime, minutes: int, number: int, tz: str
) -> None:
    asked = Period(begins, begins + dt.timedelta(minutes=minutes))
    earlier = earlier_periods(asked, number, tz)
    length = local(asked.ends, tz) - local(asked.begins, tz)
    weeks = next(n for n in range(1, 9) if length <= n * dt.timedelta(days=7))
    assert len(earlier) == number
    for count, found in enumerate(earlier, 1):
        for now, then in zip(asked, found, strict=True):
            gone = local(now, tz) - local(then, tz)
            off = abs(gone - count * weeks * dt.timedelta(days=7))
            assert off <= dt.timedelta(hours=1)  # a time that the clocks skip or repeat
    assert all(a.begins >= b.ends for a, b in zip([asked, *earlier], earlier, strict=False))


def test_a_sunday_is_compared_with_whole_sundays_where_clocks_change() -> None:
    sunday = Period(at("2026-10-24T23:00"), at("2026-10-26T00:00"))  # 25 hours in London
    (before,) = earlier_periods(sunday, 1, "Europe/London")
    assert before == (at("2026-10-17T23:00"), at("2026-10-18T23:00"))


def test_the_period_just_before_ends_where_the_other_begins() -> None:
    week = Period(at("2026-10-25T23:00") + dt.timedelta(hours=1), at("2026-11-02"))
    assert period_before(week, "Europe/London") == (at("2026-10-18T23:00"), week.begins)


@pytest.mark.parametrize(
    "value",
    ["2026-11-01/2026-11-08", ("2026-11-01", dt.date(2026, 11, 8)), ["2026-11-01", "2026-11-08"]],
)
def test_a_period_is_two_dates_in_text_or_a_pair(value: object) -> None:
    assert parse_period("against", value, "UTC") == (at("2026-11-01"), at("2026-11-08"))


@pytest.mark.parametrize("value", ["2026-11-01", "a/b", "1/2/3", 5, ("2026-11-01",), (1, 2), ""])
def test_anything_else_is_no_period(value: object) -> None:
    with pytest.raises(UnreadableValue, match="against: "):
        parse_period("against", value, "UTC")


def test_a_period_that_is_empty_or_ends_first_is_an_error() -> None:
    with pytest.raises(UsageError, match="is empty; let it end after it begins"):
        parse_period("against", "2026-11-08/2026-11-01", "UTC")
    with pytest.raises(UsageError, match="is empty"):
        period(since="2026-11-08", until="2026-11-08")


def test_periods_that_share_an_instant_overlap_and_those_that_meet_do_not() -> None:
    week, next_week = (
        Period(at(f"2026-11-{day:02}"), at(f"2026-11-{day + 7:02}")) for day in (1, 8)
    )
    must_not_overlap(week, next_week)
    late = Period(next_week.begins - dt.timedelta(microseconds=1), next_week.ends)
    for pair in ((week, late), (late, week), (week, week)):
        with pytest.raises(UsageError, match="overlap; give periods"):
            must_not_overlap(*pair)


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("as_of", ["0001-01-01", "0001-01-05", "0001-03-01"])
def test_before_the_year_1_there_is_one_line(as_of: str, tz: str) -> None:
    moment = dt.datetime.fromisoformat(as_of).replace(tzinfo=dt.UTC)
    with pytest.raises(DlrError):
        earlier_periods(period_of(parse({"as_of": moment, "tz": tz})), 52, tz)
