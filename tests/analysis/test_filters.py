"""What every metric can be asked: by, since, until, tz; names checked, order kept."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.metrics import METRICS as ALL_METRICS
from dlr_analytics.analysis.query import BUCKETS, load
from dlr_analytics.errors import UnknownName, UnreadableValue
from tests.support.message_tables import NOON, connection_over, message, metric_rows, only

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> dict[str, object]:
    return message(message_time=dt.datetime.fromisoformat(text))


def counted(metric: str, **columns: Any) -> dict[str, object]:
    """A message that this metric counts: most count every one, errors and offsets some."""
    if metric == "scts-offsets":
        return message(**{"scts": NOON, **columns})
    return message("failed", **columns)


METRICS = [metric for metric in ALL_METRICS if metric != "quality"]
"""Those whose rows are messages: ``quality`` has a row a problem, see test_quality.py."""


# by


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("column", [*BUCKETS, *connection_over([]).table("messages").columns])
def test_every_column_of_messages_and_every_bucket_can_be_by(metric: str, column: str) -> None:
    told = metric_rows(metric, [counted(metric)], by=column)
    assert next(iter(told[0])) == column
    assert list(told[0]).count(column) == 1
    assert told[0]["messages"] == 1


@pytest.mark.parametrize("metric", METRICS)
def test_the_columns_of_by_come_first_and_the_metric_s_own_after_them(metric: str) -> None:
    told = only(metric_rows(metric, [counted(metric, country="GB")], by=["day", "country"]))
    assert list(told) == ["day", "country", *load(metric).columns]


@pytest.mark.parametrize("metric", METRICS)
def test_rows_come_in_order_of_by_null_last(metric: str) -> None:
    places = [("b", 2), (None, 1), ("a", None), ("b", 1), ("a", 3)]
    rows = [counted(metric, country=country, part=part) for country, part in places]
    told = metric_rows(metric, rows, by="country,part")
    assert [(row["country"], row["part"]) for row in told] == [
        ("a", 3),
        ("a", None),
        ("b", 1),
        ("b", 2),
        (None, 1),
    ]


@pytest.mark.parametrize("metric", METRICS)
def test_without_by_there_is_one_row_even_of_nothing(metric: str) -> None:
    assert only(metric_rows(metric, []))["messages"] == 0


@pytest.mark.parametrize("metric", METRICS)
def test_with_by_there_is_no_row_of_nothing(metric: str) -> None:
    assert metric_rows(metric, [], by="country") == []


def test_a_column_named_twice_appears_once() -> None:
    assert parse({"by": "day, country,day"}).by == ("day", "country")


def test_an_unknown_column_is_named_with_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="unknown column 'contry'; did you mean 'country'"):
        metric_rows("cost", [], by="contry")


@pytest.mark.parametrize("name", ["", "1", "country)", 'country"', "messages", "COUNTRY", "*"])
def test_what_is_not_a_column_to_the_letter_is_refused(name: str) -> None:
    with pytest.raises(UnknownName):
        metric_rows("delivery-rate", [], by=name)


# buckets


def test_buckets_are_the_hour_the_day_the_monday_and_the_first_of_the_month() -> None:
    row = only(metric_rows("cost", [at("2026-11-11 15:42:10")], by=list(BUCKETS)))
    assert [row[name] for name in BUCKETS] == [
        dt.datetime(2026, 11, 11, 15),
        dt.date(2026, 11, 11),
        dt.date(2026, 11, 9),
        dt.date(2026, 11, 1),
        15,
        3,
    ]


@settings(max_examples=40, deadline=None)
@forall(
    st.datetimes(dt.datetime(1995, 1, 1), dt.datetime(2035, 1, 1)),
    st.sampled_from(["UTC", "Europe/London", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia"]),
)
def test_buckets_are_of_local_time(moment: dt.datetime, tz: str) -> None:
    row = only(metric_rows("cost", [message(message_time=moment)], by=list(BUCKETS), tz=tz))
    local = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(tz)).replace(tzinfo=None)
    day = local.date()
    assert [row[name] for name in BUCKETS] == [
        local.replace(minute=0, second=0, microsecond=0),
        day,
        day - dt.timedelta(days=day.weekday()),
        day.replace(day=1),
        local.hour,
        day.isoweekday(),
    ]


@pytest.mark.parametrize(
    "tz", ["America/Vancouver", "America/Havana", "Africa/Casablanca", "Europe/Chisinau"]
)
def test_a_day_begins_when_since_does_whatever_the_system_knows_of_a_zone(tz: str) -> None:
    first = dt.datetime(2026, 11, 19)
    hours = [message(message_time=first + dt.timedelta(hours=hour)) for hour in range(72)]
    (whole,) = metric_rows("cost", hours, by="day", tz=tz, since="2026-11-20", until="2026-11-21")
    by_day = {row["day"]: row["messages"] for row in metric_rows("cost", hours, by="day", tz=tz)}
    assert (whole["day"], whole["messages"]) == (dt.date(2026, 11, 20), 24)
    assert by_day[dt.date(2026, 11, 20)] == 24


def test_the_hour_that_comes_twice_is_one_hour() -> None:
    rows = [at("2026-10-25 00:30"), at("2026-10-25 01:30")]
    told = only(metric_rows("cost", rows, by="hour", tz="Europe/London"))
    assert (told["hour"], told["messages"]) == (dt.datetime(2026, 10, 25, 1), 2)


def test_a_message_without_a_time_has_no_day() -> None:
    told = only(metric_rows("cost", [message(message_time=None)], by="day"))
    assert (told["day"], told["messages"]) == (None, 1)


# since and until


@pytest.mark.parametrize("metric", METRICS)
def test_since_is_included_and_until_is_not(metric: str) -> None:
    rows = [counted(metric, message_time=NOON + dt.timedelta(hours=n)) for n in range(4)]
    told = only(metric_rows(metric, rows, since="2026-11-10T13:00", until="2026-11-10T15:00"))
    assert told["messages"] == 2


def test_times_count_to_the_microsecond() -> None:
    rows = [at("2026-11-10 12:00:00.000001"), at("2026-11-10 12:00:00")]
    assert only(metric_rows("cost", rows, since="2026-11-10T12:00:00.000001"))["messages"] == 1


def test_a_date_is_its_first_moment_in_tz() -> None:
    rows = [at("2026-06-30 22:59"), at("2026-06-30 23:00"), at("2026-07-01 23:00")]
    told = only(
        metric_rows("cost", rows, since="2026-07-01", until="2026-07-02", tz="Europe/London")
    )
    assert told["messages"] == 1


def test_a_time_with_a_zone_of_its_own_keeps_it() -> None:
    assert parse({"since": "2026-07-01T12:00Z", "tz": "Europe/London"}).since == dt.datetime(
        2026, 7, 1, 12
    )


def test_dates_and_times_of_python_are_read_as_their_text_is() -> None:
    asked = parse(
        {"since": dt.date(2026, 7, 1), "until": dt.datetime(2026, 7, 2), "tz": "Asia/Tokyo"}
    )
    assert asked == parse({"since": "2026-07-01", "until": "2026-07-02T00:00", "tz": "Asia/Tokyo"})
    aware = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
    assert parse({"as_of": aware}).as_of == dt.datetime(2026, 7, 1, 11)


@settings(max_examples=50, deadline=None)
@forall(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)))
def test_a_local_time_that_exists_comes_back_as_it_was_written(moment: dt.datetime) -> None:
    found = parse({"since": moment, "tz": "Europe/London"}).since
    assert found is not None
    back = found.replace(tzinfo=dt.UTC).astimezone(LONDON).replace(tzinfo=None)
    assert back in (moment, moment + dt.timedelta(hours=1))  # the hour that is skipped


def changes(zone: ZoneInfo) -> list[dt.date]:
    """The days of 2024 whose first moment is not 24 hours before the next day's, or after."""
    noons = [dt.datetime(2024, 1, 1, 12, tzinfo=zone) + dt.timedelta(days=n) for n in range(366)]
    pairs = itertools.pairwise(noons)
    return [after.date() for before, after in pairs if before.utcoffset() != after.utcoffset()]


@pytest.mark.parametrize("tz", ["Africa/Cairo", "America/Havana", "Asia/Beirut", "Europe/London"])
def test_days_begin_where_the_day_before_ends_also_when_the_clocks_change_at_midnight(
    tz: str,
) -> None:
    zone = ZoneInfo(tz)
    days = [day + dt.timedelta(days=n) for day in changes(zone) for n in (-1, 0, 1)]
    for day in days:
        since = parse({"since": day, "tz": tz}).since
        assert since is not None
        first = since.replace(tzinfo=dt.UTC)
        last = first - dt.timedelta(seconds=1)
        assert first.astimezone(zone).date() == day
        assert last.astimezone(zone).date() == day - dt.timedelta(days=1)
    assert days


# what cannot be read


@pytest.mark.parametrize(
    "text", ["yesterdayish", "", "2026-13-01", "24/11/2026", "2026-11-24T25:00", "0", "1e3"]
)
@pytest.mark.parametrize("name", ["since", "until", "as_of"])
def test_what_is_no_date_is_refused_with_a_sentence_that_shows_how(name: str, text: str) -> None:
    with pytest.raises(UnreadableValue, match=f"{name}: .* is no date .* like 2026-11-24"):
        parse({name: text})  # type: ignore[misc]


@pytest.mark.parametrize("moment", [b"2026-11-24", 5, dt.time(12)])
def test_what_is_neither_text_nor_a_time_is_refused(moment: object) -> None:
    with pytest.raises(UnreadableValue, match=r"since: .* is no date"):
        parse({"since": moment})  # type: ignore[typeddict-item]


def test_a_time_outside_the_calendar_is_refused() -> None:
    with pytest.raises(UnreadableValue):
        parse({"since": "0001-01-01T00:00+05:00"})


@pytest.mark.parametrize(
    "zone", ["Europe/Londn", "../../etc/passwd", "localtime", "Europe", "+02:00", "a" * 5000]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnreadableValue, match="tz: no time zone"):
        parse({"tz": zone})


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown keyword 'sinse'; did you mean 'since'"):
        parse({"sinse": "2026-11-01"})  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize(
    "asking", [{"by": 5}, {"by": ["day", 5]}, {"tz": dt.UTC}, {"where": 5}, {"where": "\udcff"}]
)
def test_what_is_no_text_is_refused(asking: dict[str, Any]) -> None:
    with pytest.raises(UnreadableValue, match=r"give names|write it as text"):
        parse(asking)  # type: ignore[arg-type]


def test_a_time_that_pandas_lacks_is_none() -> None:
    with pytest.raises(UnreadableValue, match="since: NaT is no date"):
        parse({"since": pd.NaT})  # type: ignore[typeddict-item]


def test_asking_and_what_was_asked_have_the_same_names() -> None:
    assert tuple(Parameters.__annotations__) == (
        "by",
        "since",
        "until",
        "where",
        "as_of",
        "tz",
        "unit",
        "channel",
    )


NEWEST = dt.datetime(2026, 11, 24, 5)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", dt.datetime(2026, 11, 17, 5)),
        (" 24H ", dt.datetime(2026, 11, 23, 5)),
        ("0d", NEWEST),
        ("2026-11", dt.datetime(2026, 10, 31, 23)),
    ],
)
def test_a_period_before_as_of_and_a_month_are_times(text: str, moment: dt.datetime) -> None:
    asked = parse({"since": text, "tz": "Europe/Paris"}, lambda: NEWEST)
    assert asked.since == moment
    before = parse({"until": text, "tz": "Europe/Paris"}, lambda: NEWEST)
    assert before.until == moment


def test_a_period_counts_from_as_of_where_that_is_given() -> None:
    asked = parse({"since": "2d", "until": "12h", "as_of": "2026-11-10"}, lambda: NEWEST)
    assert asked.since == dt.datetime(2026, 11, 8)
    assert asked.until == dt.datetime(2026, 11, 9, 12)


@pytest.mark.parametrize(
    "text", ["7 days", "-7d", "d", "7", "2026-13", "2026-1", "7.5d", "999999d"]
)
def test_what_is_neither_period_nor_month_is_refused(text: str) -> None:
    with pytest.raises(UnreadableValue, match="write it like 2026-11-24"):
        parse({"since": text}, lambda: NEWEST)
    with pytest.raises(UnreadableValue, match="write it like 2026-11-24"):
        parse({"as_of": "7d"}, lambda: NEWEST)
