"""A new price is a finding of the period that it begins in, on its first day too."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import dlr_analytics as dlr
from dlr_analytics.report.changes import NewPrice
from dlr_analytics.report.gather.report import gather
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

CHANGED = datetime(2026, 11, 1)
OLD, NEW = Decimal("0.04"), Decimal("0.05")


def rising(data: Path, days: range, changed: datetime) -> None:
    """Ten messages each of these days before and after November begins; the price rises once."""
    times = [CHANGED + timedelta(days=day, hours=hour) for day in days for hour in range(10)]
    receive(
        data,
        [
            receipt(
                f"{n:04X}",
                received_at=at,
                message_timestamp=at,
                price=NEW if at >= changed else OLD,
            )
            for n, at in enumerate(times)
        ],
    )


def prices(data: Path, **options: str) -> list[NewPrice]:
    """The new prices among the findings of a report."""
    made = gather(dlr.open(data), **options)  # type: ignore[arg-type]
    return [each for each in made.findings if isinstance(each, NewPrice)]


@pytest.mark.thorough
@pytest.mark.parametrize(("tz", "hours"), [("UTC", 0), ("America/New_York", 4)])
def test_a_price_of_the_first_moment_of_a_month_is_found_in_that_month_only(
    tmp_path: Path, tz: str, hours: int
) -> None:
    data = tmp_path / "data"
    rising(data, range(-30, 12), CHANGED + timedelta(hours=hours))
    (found,) = prices(data, month="2026-11", tz=tz)
    assert (found.before, found.price, found.since) == (OLD, NEW, date(2026, 11, 1))
    assert found.extra == found.messages * (NEW - OLD)
    assert prices(data, month="2026-10", tz=tz) == []


def test_a_price_is_known_from_before_the_period_before(tmp_path: Path) -> None:
    """The network was last used days ago, longer than the period lasts."""
    data = tmp_path / "data"
    rising(data, range(-20, 12, 4), CHANGED - timedelta(hours=12))
    (found,) = prices(data, since="2026-10-31", until="2026-11-02")
    assert (found.before, found.price, found.since) == (OLD, NEW, CHANGED.date())
