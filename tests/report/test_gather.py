"""What is gathered from data: the period that is meant, and columns that add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import dlr_analytics as dlr
from dlr_analytics.report import headline
from dlr_analytics.report.formats import html, markdown
from dlr_analytics.report.gather.period import choose_span
from dlr_analytics.report.gather.report import gather
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections import quality
from dlr_analytics.report.sections.registry import tables
from dlr_analytics.store import sends
from dlr_analytics.webhook.receipt import COLUMNS

AS_OF = datetime(2026, 11, 24, 5)
Receipt = dict[str, Any]


def receipt(number: int, at: datetime, status: str = "delivered", **fields: Any) -> Receipt:
    """A receipt of message ``number``, made and received at one moment."""
    usual = {
        "received_at": at,
        "message_id": f"{number:016X}",
        "msisdn": "447700900001",
        "sender": "Acme",
        "network_code": "23410",
        "status": status,
        "err_code": 0,
        "price": Decimal("0.03330000"),
        "message_timestamp": at,
        "problems": [],
        "source": "sms",
        "raw": "{}",
    }
    return {**usual, **fields}


@pytest.fixture
def store(tmp_path: Path) -> Callable[[Sequence[Receipt]], Path]:
    """Writes receipts as Parquet into a data directory."""

    def store(receipts: Sequence[Receipt]) -> Path:
        folder = tmp_path / "data" / "receipts" / "received_date=2026-11-24"
        folder.mkdir(parents=True)
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        with duckdb.connect() as connection:
            connection.execute(f"create table receipts ({columns})")
            if receipts:
                marks = ", ".join("?" * len(COLUMNS))
                rows = [[each.get(name) for name in COLUMNS] for each in receipts]
                connection.executemany(f"insert into receipts values ({marks})", rows)
            connection.execute(f"copy receipts to '{folder}/a.parquet' (format parquet)")
        return tmp_path / "data"

    return store


@pytest.fixture(scope="module")
def sample() -> Report:
    """The report of the shipped sample."""
    return gather(dlr.open("tests/data/sample"))


def test_every_column_adds_up_to_the_number_in_the_title(sample: Report) -> None:
    whole = sample.tally
    assert sum(day.tally.messages for day in sample.days) == whole.messages
    assert sum(country.whole.tally.messages for country in sample.countries) == whole.messages
    assert sum(place.tally.messages for place in sample.networks) == whole.messages
    assert sum(place.tally.undelivered for place in sample.networks) == whole.undelivered
    assert sum(reason.messages for reason in sample.reasons) == whole.undelivered
    assert sum(reason.share for reason in sample.reasons) == pytest.approx(1)
    for spending in sample.spending:
        assert sum(bill.cost for bill in spending.countries) == spending.whole.cost
        assert sum(bill.wasted for bill in spending.countries) == spending.whole.wasted


def test_figures_are_those_of_the_metrics(sample: Report) -> None:
    db = dlr.open("tests/data/sample")
    (rate,) = db.delivery_rate(since=str(sample.period.first)).rows()
    assert sample.tally.messages == rate[0]
    columns = db.delivery_rate().columns
    assert sample.tally.rate == rate[columns.index("delivery_rate")]
    assert sample.tally.floor == rate[columns.index("success_ratio")]
    assert sample.tally.best == rate[columns.index("best_case")]
    latency = db.latency(since=str(sample.period.first))
    measured = latency.rows()[0][latency.columns.index("push_measured")]
    assert sample.latency.whole.measured == measured


@pytest.mark.thorough
@pytest.mark.parametrize("beside", [0, 40])
def test_a_receipt_of_a_clock_years_ahead_moves_no_period_and_is_named(
    store: Callable[[Sequence[Receipt]], Path], beside: int
) -> None:
    """Without a message_timestamp, its message is of the time of its receipt."""
    days = [AS_OF - timedelta(days=age) for age in range(beside)]
    ordinary = [receipt(number, at) for number, at in enumerate(days)]
    ahead = [receipt(1000 + n, datetime(2099, 1, n), message_timestamp=None) for n in (1, 2)]
    report = gather(dlr.open(store([*ordinary, *ahead])))
    assert report.ahead == 2
    (named,) = (each for each in report.quality if "ahead of the clock" in each.what)
    assert named.count == 2
    if beside:
        assert (report.period.first, report.period.last) == (days[29].date(), AS_OF.date())
        assert report.tally.messages == 30
    else:
        assert report.period.last <= datetime.now(UTC).date()


def test_places_stand_in_the_order_of_undelivered_messages(sample: Report) -> None:
    missing = [country.whole.tally.undelivered for country in sample.countries]
    assert missing == sorted(missing, reverse=True)
    for country in sample.countries:
        within = [place.tally.undelivered for place in country.networks]
        assert within == sorted(within, reverse=True)


def test_curves_rise_to_all_and_agree_with_the_percentiles(sample: Report) -> None:
    curve = sample.latency.curves[0]
    shares = [share for _, share in curve.points]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    half = sample.latency.whole.p50
    assert half is not None
    assert max(share for seconds, share in curve.points if seconds < half) < 0.5


def test_by_default_it_covers_30_days_the_newest_messages_day_among_them(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    days = [receipt(n, AS_OF - timedelta(days=n)) for n in range(60)]
    report = gather(dlr.open(store(days)))
    assert (report.period.first, report.period.last) == (date(2026, 10, 26), date(2026, 11, 24))
    assert report.tally.messages == 30
    assert report.extent is not None
    assert report.extent.messages == 60


def test_a_message_of_this_minute_is_in_the_report(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    report = gather(dlr.open(store([receipt(1, AS_OF)])))
    assert report.tally.messages == 1
    assert headline.finding(report) == "1 of 1 message was delivered"
    assert headline.scope(report).startswith(
        "1 message to 23410 O2 (UK) (United Kingdom), the only network, sent 24 November 2026."
    )


def test_a_wrong_clock_far_in_the_future_does_not_move_the_period(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    folder = store([receipt(1, AS_OF)])
    sent = AS_OF.replace(year=2099)
    (folder / "sends").mkdir()
    with duckdb.connect() as connection:
        columns = ", ".join(f"null::{kind} as {name}" for name, kind in sends.COLUMNS.items())
        known = f"'0F' as message_id, timestamp '{sent}' as sent_at, 'sends' as source"
        statement = f"select * replace ({known}) from (select {columns})"
        connection.execute(f"copy ({statement}) to '{folder}/sends/a.parquet' (format parquet)")
    report = gather(dlr.open(folder))
    assert report.period.last == AS_OF.date()
    assert report.tally.messages == sum(day.tally.messages for day in report.days) == 1


def test_since_is_included_and_until_is_not(store: Callable[[Sequence[Receipt]], Path]) -> None:
    midnight = datetime(2026, 11, 1)
    second = timedelta(seconds=1)
    moments = [midnight - second, midnight, midnight + timedelta(days=1)]
    db = dlr.open(store([receipt(n, at) for n, at in enumerate(moments)]))
    report = gather(db, since="2026-11-01", until="2026-11-02")
    assert report.tally.messages == 1
    assert report.period.first == report.period.last == date(2026, 11, 1)
    assert report.command.endswith("--since 2026-11-01 --until 2026-11-02")


def test_days_are_days_of_the_time_zone(store: Callable[[Sequence[Receipt]], Path]) -> None:
    late = datetime(2026, 11, 1, 23, 30)
    report = gather(dlr.open(store([receipt(1, late)])), tz="Europe/Berlin")
    assert [day.day for day in report.days] == [date(2026, 11, 2)]
    assert report.period.as_of == datetime(2026, 11, 2, 0, 30)
    assert report.command.endswith("--tz Europe/Berlin")


@pytest.mark.thorough
@pytest.mark.parametrize("tz", ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("as_of", [None, "2026-11-17T12:00"])
def test_a_period_means_the_same_messages_as_in_a_query(tz: str, as_of: str | None) -> None:
    db = dlr.open("tests/data/sample")
    period: dict[str, Any] = {
        "since": "2026-11-03",
        "until": "2026-11-16",
        "as_of": as_of,
        "tz": tz,
    }
    (row,) = db.delivery_rate(**period).df().to_dict("records")
    report = gather(db, **period)
    assert report.tally.messages == row["messages"]
    assert report.tally.rate == pytest.approx(row["delivery_rate"], abs=0)
    assert report.tally.pending == row["pending"]
    assert sum(day.tally.messages for day in report.days) == row["messages"]
    assert sum(place.tally.messages for place in report.networks) == row["messages"]
    if as_of:
        assert f"{report.period.as_of:%Y-%m-%dT%H:%M}" == as_of


def test_a_day_is_mature_72_hours_after_its_end_or_when_nothing_is_pending(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    days = [receipt(n, datetime(2026, 11, 24) - timedelta(days=n)) for n in range(6)]
    pending = [receipt(9, datetime(2026, 11, 22), "accepted")]
    report = gather(dlr.open(store([*days, *pending])))
    assert {day.day for day in report.days if day.mature} == {
        date(2026, 11, 19),
        date(2026, 11, 20),
        date(2026, 11, 21),
        date(2026, 11, 23),  # the 24th is not over
    }


def test_as_of_leaves_out_what_came_later(store: Callable[[Sequence[Receipt]], Path]) -> None:
    early, late = receipt(1, AS_OF - timedelta(days=2)), receipt(2, AS_OF)
    report = gather(dlr.open(store([early, late])), as_of="2026-11-23")
    assert report.tally.messages == 1
    assert "--as-of 2026-11-23" in report.command


def test_messages_without_a_code_or_a_country_have_their_row(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    odd = [receipt(1, AS_OF, network_code=None), receipt(2, AS_OF, network_code="99999")]
    report = gather(dlr.open(store([*odd, receipt(3, AS_OF)])))
    names = {country.whole.country_name: len(country.networks) for country in report.countries}
    assert names == {"Unknown country": 2, "United Kingdom": 1}
    assert {place.code for place in report.networks} == {None, "99999", "23410"}


def test_rare_codes_join_those_without_one_so_that_rows_add_up(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    old = AS_OF - timedelta(days=9)
    failed = [receipt(n, old, "failed", err_code=100 + n // 2) for n in range(40)]
    expired = [receipt(100 + n, old, "expired", err_code=None) for n in range(5)]
    report = gather(dlr.open(store([*failed, *expired, receipt(999, AS_OF)])))
    assert len(report.reasons) == 12
    last = report.reasons[-1]
    assert (last.err_code, last.messages) == (None, 5 + 40 - 11 * 2)
    assert report.reasons[0].meaning == "Not listed by Vonage"


def test_currencies_are_never_added(store: Callable[[Sequence[Receipt]], Path]) -> None:
    usage = '{"query":"","form":"","json":{"usage":{"currency":"USD","price":"0.05"}}}'
    dollars = receipt(2, AS_OF, source="messages", price=Decimal("0.05"), raw=usage)
    report = gather(dlr.open(store([receipt(1, AS_OF), receipt(3, AS_OF), dollars])))
    costs = {each.currency: each.whole.cost for each in report.spending}
    assert costs == {"EUR": Decimal("0.0666"), "USD": Decimal("0.05")}
    for each in report.spending:
        assert [bill.cost for bill in each.countries] == [each.whole.cost]


def test_few_undelivered_messages_are_listed(store: Callable[[Sequence[Receipt]], Path]) -> None:
    old = AS_OF - timedelta(days=9)
    failed = [receipt(n, old, "failed", err_code=2) for n in range(3)]
    report = gather(dlr.open(store([*failed, receipt(9, AS_OF)])), tz="Asia/Kolkata")
    assert [m.message_id for m in report.undelivered] == [f"{n:016X}" for n in range(3)]
    assert report.undelivered[0].message_time == old + timedelta(hours=5, minutes=30)
    assert report.undelivered[0].meaning == "Absent subscriber, temporary"


def test_errors_and_latency_of_65_messages_are_in_every_format(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    old = AS_OF - timedelta(days=9)
    failed = [receipt(n, old, "failed", err_code=3) for n in range(25)]
    report = gather(dlr.open(store([*failed, *(receipt(100 + n, old) for n in range(40))])))
    assert report.undelivered == ()
    for text in (html.render(report), markdown.render(report)):
        assert "Why 25 messages were not delivered" in text
        assert "How long delivery took" in text
    assert [table.name for table in tables(report)] == [
        "Outcomes",
        "Networks",
        "Senders",
        "Errors",
        "Latency",
        "Cost",
        "Data quality",
        "Coverage",
        "Definitions",
    ]


@pytest.mark.thorough
def test_a_rate_is_bounds_while_nothing_is_mature(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    sent = [receipt(n, AS_OF, "accepted" if n % 4 == 0 else "delivered") for n in range(400)]
    report = gather(dlr.open(store(sent)))
    assert report.tally.rate is None
    assert (
        headline.finding(report) == "At least 75.0% of messages were delivered, 25.0% are pending"
    )
    assert "at most 100.0%, if all pending arrive" in html.render(report)


@pytest.mark.thorough
def test_an_empty_folder_and_an_empty_period_have_their_finding(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    folder = store([receipt(1, AS_OF)])
    empty = gather(dlr.open(folder), since="2025-01-01", until="2025-01-08")
    assert headline.finding(empty) == "No messages between 1 and 7 January 2025"
    assert empty.days == ()
    (folder / "receipts/received_date=2026-11-24/a.parquet").unlink()
    assert headline.finding(gather(dlr.open(folder))) == "No messages yet"


def test_what_strangers_wrote_is_tamed_once_for_all_formats(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    nasty = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "A" * 10_000,
        "\u202eevil",
        "a\nb|c",
    ]
    old = AS_OF - timedelta(days=9)
    receipts = [
        receipt(n, old, "failed", message_id=text, network_code=text, sender=text, err_code=n)
        for n, text in enumerate(nasty)
    ]
    report = gather(dlr.open(store(receipts)))
    for place in report.networks:
        assert place.code is not None
        assert len(place.code) <= 12
        assert not set(place.code) & set("\n\u202e")
    assert all(len(m.message_id) <= 40 for m in report.undelivered)
    assert "<script>alert" not in html.render(report)


def test_the_quarantine_and_every_problem_are_counted(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    odd = receipt(1, AS_OF, price=None, problems=["price_missing"])
    report = gather(dlr.open(store([odd, odd, receipt(2, AS_OF)])))
    counts = {remark.what: (remark.count, remark.of) for remark in report.quality}
    assert counts["Receipts read"] == (3, None)
    assert counts["Equal to an earlier receipt of its message"] == (1, 2)
    assert counts["No receipt and no send record has a price"] == (1, 2)
    assert counts["Price is missing or empty"] == (1, 2)
    assert counts["Quarantined, not understood"] == (0, None)


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        (None, None, date(2026, 10, 26), date(2026, 11, 24)),
        (None, "2026-11-08", date(2026, 10, 9), date(2026, 11, 7)),
        ("2026-11-20", None, date(2026, 11, 20), date(2026, 11, 24)),
        ("2027-01-01", None, date(2027, 1, 1), date(2027, 1, 1)),
        (None, "2025-12-24", date(2025, 12, 23), date(2025, 12, 23)),
    ],
)
def test_a_period_is_whole_days_whatever_is_left_open(
    since: str | None, until: str | None, first: date, last: date
) -> None:
    seen = datetime(2026, 1, 5, 12), datetime(2026, 11, 24, 5)
    span = choose_span(since, until, seen, "UTC")
    assert (span.first, span.last) == (first, last)


def test_networks_too_poorly_covered_to_compare_are_named_first() -> None:
    sample = gather(dlr.open("tests/data/sample"), since="2026-10-01")
    first = {(one.code, one.verdict) for one in sample.coverage[:2]}
    assert first == {("51503", "times out"), ("310410", "stops at accepted")}
    assert not any(one.incomparable for one in sample.coverage[2:])
    assert len(sample.coverage) == len(sample.networks)
    assert "51503 (times out)" in quality.tables(sample)[1].note


@pytest.mark.thorough
def test_old_data_is_judged_by_compare_and_a_short_period_by_nothing(
    store: Callable[[Sequence[Receipt]], Path],
) -> None:
    """Seven weeks before a day are enough for ``compare``; a day alone is beside the day before."""
    hours = [AS_OF - timedelta(hours=age) for age in range(60 * 24)]
    late = AS_OF - timedelta(hours=30)
    receipts = [
        receipt(number, at, "failed" if at > late else "delivered")
        for number, at in enumerate(hours)
    ]
    data = store(receipts)
    judged = gather(dlr.open(data), since="2026-11-23", until="2026-11-24")
    assert judged.change is not None
    assert (judged.change.difference, judged.change.firm) == (-1.0, True)
    young = gather(dlr.open(data), since="2026-11-23", until="2026-11-24", unit="sms")
    assert young.change is not None
    assert (young.change.low, young.change.firm) == (None, False)
