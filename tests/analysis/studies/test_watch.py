"""``db.watch`` over data directories: each kind of alert, and which stands for which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.errors import DlrError, UnknownName, UnreadableValue, UsageError
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.receipt import Receipt
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

NOW = dt.datetime(2026, 11, 12, 12, 3)
"""A Thursday noon: the as-of time of each question."""

Row = dict[str, Any]
Watch = Callable[..., list[Row]]


def minutes_ago(number: float) -> dt.datetime:
    return NOW - dt.timedelta(minutes=number)


def message(
    sent_at: dt.datetime, after: float = 5, status: str = "delivered", **fields: Any
) -> tuple[Send, Receipt]:
    """A message sent at a time, with one receipt so many seconds later."""
    at = sent_at + dt.timedelta(seconds=after)
    network = fields.setdefault("network_code", "23410")
    ident = f"{network}-{fields.get('sender', '')}-{sent_at.isoformat()}"
    made = receipt(ident, status, received_at=at, message_timestamp=at, **fields)
    return Send(ident, sent_at, network_code=network, sender=fields.get("sender")), made


def history(days: int = 10, every: int = 10, until: float = 0, **fields: Any) -> list[Any]:
    """A delivered message every so many minutes, from ``days`` ago until so many minutes ago."""
    return [
        message(minutes_ago(ago + 0.5), **fields)
        for ago in range(int(until), days * 1440, every)
        if ago + 0.5 > until
    ]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Stores messages, with a send log or without one, and returns the alerts as of ``NOW``."""

    def ask(messages: Iterable[tuple[Send, Receipt | None]], log: bool = True, **more: Any) -> Any:
        messages = list(messages)
        receive(tmp_path, [came for _, came in messages if came is not None])
        if log:
            record_sends(tmp_path, [sent for sent, _ in messages])
        database = Database(Settings(data=tmp_path), PRESENTER)
        found = database.watch(**{"as_of": NOW, **more})
        return [dict(zip(found.columns, row, strict=True)) for row in found]

    return ask


def kinds(rows: list[Row]) -> list[tuple[str, str | None]]:
    return [(row["kind"], row["network_code"]) for row in rows]


def test_nothing_is_said_where_all_is_as_usual(watch: Watch) -> None:
    assert watch(history()) == []


@pytest.mark.thorough
def test_a_network_that_fails_is_an_alert_of_its_own(watch: Watch) -> None:
    failing = history(1, 4, status="failed", err_code=1)[:30]
    healthy = history(10, 10, network_code="26201")
    (alert,) = watch([*history(10, 4, until=120), *failing, *healthy])
    assert (alert["kind"], alert["network_code"], alert["country"]) == ("delivery", "23410", "GB")
    assert (alert["minutes"], alert["messages"]) == (120, 30)
    assert (alert["value"], alert["sender"]) == (pytest.approx(3 / 30), None)
    assert alert["usual"] == pytest.approx(1)
    assert alert["began_at"] == minutes_ago(130)
    assert alert["text"].startswith("23410 (")
    assert "10.0% of the 30 messages of the 2 hours until 2026-11-12 11:53 UTC" in alert["text"]


@pytest.mark.thorough
@pytest.mark.parametrize(("after", "found"), [(600, []), (601, ["delivery"])])
def test_ten_minutes_to_the_second_are_in_time(watch: Watch, after: int, found: list[str]) -> None:
    late = [message(minutes_ago(ago), after) for ago in range(20, 140, 4)]
    rows = watch([*history(10, 4, until=140), *late])
    assert [row["kind"] for row in rows if row["kind"] == "delivery"] == found


def test_a_network_that_is_slow_is_a_matter_of_latency(watch: Watch) -> None:
    slow = [message(minutes_ago(ago), after=90) for ago in range(11, 131, 4)]
    (alert,) = watch([*history(10, 4, until=131), *slow])
    assert (alert["kind"], alert["messages"], alert["value"]) == ("latency", 30, 0.0)
    assert "took at most 5 s, usually 100.0%" in alert["text"]


def test_latency_is_not_judged_where_delivery_alarms(watch: Watch) -> None:
    slow = [message(minutes_ago(ago), after=90) for ago in range(11, 131, 4)]
    failed = [message(minutes_ago(ago + 1), status="failed") for ago in range(11, 131, 2)]
    assert kinds(watch([*history(10, 4, until=132), *slow, *failed])) == [("delivery", "23410")]


@pytest.mark.thorough
def test_a_network_whose_receipts_stop_is_silent_and_no_more(watch: Watch) -> None:
    unanswered = [(sent, None) for sent, _ in history(1, 4)[:30]]
    healthy = history(10, 4, network_code="26201")
    (alert,) = watch([*history(10, 4, until=120), *unanswered, *healthy])
    assert (alert["kind"], alert["network_code"], alert["minutes"]) == ("silence", "23410", 120)
    assert (alert["messages"], alert["value"], alert["usual"]) == (0, 0.0, 30.0)
    assert alert["began_at"] == minutes_ago(120.5) + dt.timedelta(seconds=5)
    assert "30 of the 30 messages sent meanwhile have no receipt" in alert["text"]


@pytest.mark.thorough
def test_all_networks_silent_together_are_one_alert(watch: Watch) -> None:
    both = [
        *history(10, 4, until=120),
        *history(10, 4, until=120, network_code="26201"),
        *[(sent, None) for sent, _ in history(1, 4)[:30]],
    ]
    (alert,) = watch(both)
    assert (alert["kind"], alert["network_code"], alert["country"]) == ("silence", None, None)
    assert "all networks: no receipts in the last 2 hours, usually 60" in alert["text"]
    assert "30 of the 30 messages sent meanwhile have no receipt" in alert["text"]


@pytest.mark.thorough
def test_the_send_log_says_that_nothing_was_sent(watch: Watch) -> None:
    healthy = history(10, 4, network_code="26201")
    (alert,) = watch([*history(10, 4, until=120), *healthy])
    assert "nothing was sent meanwhile, says the send log" in alert["text"]


def test_without_a_send_log_the_causes_of_silence_cannot_be_told_apart(watch: Watch) -> None:
    (alert,) = watch(history(10, 4, until=120), log=False)
    assert "without a send log it cannot be told" in alert["text"]


@pytest.mark.thorough
def test_a_send_log_that_ends_before_the_window_tells_nothing(tmp_path: Path, watch: Watch) -> None:
    record_sends(tmp_path, [sent for sent, _ in history(10, 4, until=600)])
    healthy = history(10, 4, network_code="26201")
    rows = watch([*history(10, 4, until=120), *healthy], log=False)
    assert "the send log ends at 2026-11-12 02:02 UTC" in rows[0]["text"]


@pytest.mark.thorough
def test_a_send_log_without_networks_counts_what_may_be_of_the_silent_one(watch: Watch) -> None:
    unanswered = [(Send(f"x{ago}", minutes_ago(ago)), None) for ago in range(1, 31)]
    healthy = history(10, 4, network_code="26201")
    (alert,) = watch([*history(10, 4, until=120), *healthy, *unanswered])
    assert "30 messages sent meanwhile, whose network the send log does not have" in alert["text"]


@pytest.mark.thorough
def test_a_network_not_heard_of_for_three_days_is_no_news(watch: Watch) -> None:
    healthy = history(12, 10, network_code="26201")
    assert watch([*history(12, 4, until=3 * 1440 + 60), *healthy]) == []
    (alert,) = watch([message(minutes_ago(3 * 1440 - 60))])
    assert (alert["kind"], alert["minutes"]) == ("silence", 1440)


def test_a_network_at_rest_on_weekends_is_not_silent_on_mondays(watch: Watch) -> None:
    workdays = [one for one in history(20, 10) if one[0].sent_at.weekday() < 5]
    monday = dt.datetime(2026, 11, 9, 0, 30)
    before = [one for one in workdays if one[1].received_at < monday]
    assert watch(before, as_of=monday) == []


def test_a_sender_that_is_refused_is_an_alert_with_its_sender(watch: Watch) -> None:
    refused = [
        message(minutes_ago(ago), 20, "rejected", sender="Shop", err_code=6)
        for ago in range(2, 28, 2)
    ]
    (alert,) = watch([*history(), *history(10, 60, 30, sender="Shop"), *refused[:6]])
    assert (alert["kind"], alert["network_code"], alert["sender"]) == ("filtered", "23410", "Shop")
    assert (alert["minutes"], alert["value"]) == (15, 1.0)
    assert alert["usual"] == pytest.approx(0.5 / (9 * 24 + 50), abs=2e-4)
    assert "messages from Shop that ended in the last 15 minutes were refused" in alert["text"]


@pytest.mark.thorough
def test_far_more_messages_to_a_country_than_ever_are_an_alert(watch: Watch) -> None:
    burst = [
        message(NOW - dt.timedelta(seconds=seconds), network_code="20801")
        for seconds in range(30, 330)
    ]
    (alert,) = watch([*history(), *burst])
    assert (alert["kind"], alert["country"], alert["network_code"]) == ("volume", "FR", None)
    assert (alert["messages"], alert["value"], alert["usual"]) == (300, 300.0, 0.0)
    assert watch([], where="message_time <> timestamp '2026-11-12 12:00:00'") == []


def test_below_a_week_of_history_there_is_no_judgement(watch: Watch) -> None:
    burst = [message(NOW - dt.timedelta(seconds=s), network_code="20801") for s in range(30, 400)]
    failing = history(1, 4, status="failed", err_code=1)[:30]
    assert watch([*history(6, 4, until=120), *failing, *burst]) == []


@pytest.mark.thorough
def test_where_selects_the_messages_that_are_watched(watch: Watch) -> None:
    healthy = history(10, 4, network_code="26201")
    stopped = history(10, 4, until=120)
    assert kinds(watch([*stopped, *healthy], where="country = 'DE'")) == []
    assert kinds(watch([], where="country = 'GB'")) == [("silence", None)]


def test_as_of_is_the_clock_s_time(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    from dlr_analytics.analysis.cache import snapshot

    monkeypatch.setattr(snapshot, "now", lambda: NOW)
    (alert,) = watch(history(10, 4, until=120), as_of=None)
    assert alert["kind"] == "silence"


def test_texts_are_written_in_the_time_zone(watch: Watch) -> None:
    (alert,) = watch(history(10, 4, until=120), tz="Asia/Kolkata", as_of="2026-11-12T17:33")
    assert "the last at 2026-11-12 15:32 Asia/Kolkata" in alert["text"]


@pytest.mark.thorough
def test_the_result_names_the_statements_that_ran(watch: Watch, tmp_path: Path) -> None:
    watch(history(10, 60))
    found = Database(Settings(data=tmp_path), PRESENTER).watch(as_of=NOW)
    assert len(found.provenance) == 4
    assert found.as_of == NOW
    assert found.messages_total == 240


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"as_of": "soon"}, UnreadableValue),
        ({"tz": "Mars"}, UnreadableValue),
        ({"where": "1; drop table messages"}, DlrError),
        ({"where": "no_column = 1"}, UsageError),
        ({"by": "country"}, UnknownName),
        ({"since": "2026-11-01"}, UnknownName),
        ({"unit": "sms"}, UnknownName),
    ],
)
def test_what_cannot_be_asked_is_refused(
    watch: Watch, asked: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        watch(history(1, 60), **asked)


@pytest.mark.thorough
@pytest.mark.parametrize("as_of", ["0001-01-02", "9999-12-30", "1969-12-31"])
def test_any_time_can_be_asked_for(watch: Watch, as_of: str) -> None:
    assert [row["kind"] for row in watch(history(1, 60), as_of=as_of)] == []
