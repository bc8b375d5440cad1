"""The status page: each state, its advice, and the values that it never shows."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from dlr_analytics.presentation.palette import PALETTE
from dlr_analytics.receiver.stats import RequestRow, Stats, merge_stats
from dlr_analytics.receiver.status.cards import quantile_bound
from dlr_analytics.receiver.status.collector import ReceiverStatus, StorageStatus
from dlr_analytics.receiver.status.page import page
from dlr_analytics.receiver.status.steps import TEST_NUMBER
from dlr_analytics.settings import Settings
from dlr_analytics.simulate import simulate
from dlr_analytics.store.journal.unsealed import Unsealed
from tests.support.receivers import PATH, Running, ask_admin, free_port

Start = Callable[..., Running]
NOW = dt.datetime(2026, 11, 24, 9, 41, 53)
TIME = NOW.replace(tzinfo=dt.UTC).timestamp()


def receiver_status(
    stats: Stats, storage: StorageStatus | None = None, **settings: Any
) -> ReceiverStatus:
    return ReceiverStatus(
        now=NOW,
        settings=Settings(**settings),
        address="http://127.0.0.1:8080",
        workers=1,
        replaced=0,
        compacted_at=None,
        stats=stats,
        storage=storage or StorageStatus(free_bytes=212 * 10**9),
    )


def live() -> Stats:
    stats = Stats(TIME - 1740)
    for number in reversed(range(410)):
        stats.record_stored(("delivered", "sms", "get"), TIME - number / 41, 0.009)
    return stats


def shown(stats: Stats, **settings: Any) -> str:
    return page(receiver_status(stats, **settings)).decode()


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text)
    assert found
    return found[1]


def steps(text: str) -> list[str]:
    return re.findall(r'<li class="(\w+)">', text)


def test_before_the_first_receipt_it_says_what_to_do_next() -> None:
    text = shown(Stats(TIME - 1740))
    assert heading(text) == "Waiting for the first receipt"
    assert steps(text) == ["done", "next", "waiting", "advice"]
    assert "up 29 min" in text
    assert "212 GB free" in text
    assert f"dlr simulate --messages 1 --seed 1 --url http://127.0.0.1:8080{PATH}" in text
    assert "No call yet" in text


def test_it_names_the_commands_and_the_field_that_set_the_url() -> None:
    text = shown(Stats(TIME - 1740))
    for words in ("dlr setup", "dlr try --to NUMBER", "Delivery receipts (DLR) webhooks"):
        assert words in text


def test_calls_that_were_refused_are_named_as_by_the_doctor() -> None:
    stats = Stats(TIME - 1740)
    stats.record_refused(("path", ""), TIME - 60)
    assert "calls refused" not in shown(stats)
    stats.record_refused(("wrong_signature", "sha256"), TIME - 60)
    assert (
        "calls refused: 1 wrong_signature (would match sha256), the last at 09:40:53 UTC;"
        " set DLR_SIGNATURE_METHOD=sha256." in shown(stats)
    )


def test_a_receiver_that_cannot_store_is_no_step_that_is_done() -> None:
    stats = Stats(TIME - 1740, storage_error="data: No space left on device")
    assert steps(shown(stats)) == ["advice", "next", "waiting", "advice"]
    assert "cannot store: data: No space left on device; read its log" in shown(stats)


def test_once_vonage_has_checked_the_url_its_step_is_ticked() -> None:
    text = shown(Stats(TIME - 1740, url_checked_at=TIME - 60))
    assert steps(text) == ["done", "done", "next", "advice"]
    assert "checked at 09:40:53" in text


def test_a_secret_turns_the_advice_into_a_tick_and_is_not_shown() -> None:
    text = shown(Stats(TIME), signature_secret=("s3cret",), url_token="t0ken")
    assert steps(text)[3] == "done"
    assert "s3cret" not in text
    assert "t0ken" not in text
    assert "/webhooks/delivery-receipt/$DLR_URL_TOKEN" in text


def test_where_calls_must_be_signed_no_unsigned_trial_is_offered() -> None:
    text = shown(Stats(TIME), signature_secret=("s3cret",))
    assert steps(text)[1] == "next"
    assert "dlr simulate" not in text


def test_with_receipts_the_steps_fold_and_the_figures_are_shown() -> None:
    stats = live()
    stats.answers.update({200: 410, 401: 2})
    stats.quarantined = 1
    storage = StorageStatus(Unsealed(1906, 10, NOW - dt.timedelta(seconds=38)), 0, 1)
    text = page(receiver_status(stats, storage)).decode()
    assert heading(text) == "Receiving: 41 receipts a second"
    assert "Set up: 3 of 4 steps done, 1 advice" in text
    cards = re.findall(r'<h2>([^<]*)</h2><p class="big">(.*?)</p><p>(.*?)</p>', text)
    assert cards == [
        ("Stored since 09:12", "410", "newest 0 s ago"),
        ("Answered within", "10<small> ms</small>", "99% of the last hour; limit 15 s"),
        ("Not stored", "3", "2 answered 401, 1 quarantined"),
        ("Waiting to be sealed", "1,906", "safe in the journal, next file in 22 s"),
    ]
    assert 'aria-label="Receipts a minute in the last hour, at most 410"' in text


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (3, "Receiving: 1 in the last 10 s"),
        (7300, "Receiving: the last receipt came 2 h 1 min ago"),
    ],
)
def test_the_state_says_how_long_nothing_has_come(ago: float, expected: str) -> None:
    stats = Stats(TIME - 9000)
    stats.record_stored(("delivered", "sms", "get"), TIME - ago, 0.001)
    assert heading(shown(stats)) == expected


def test_where_nothing_can_be_stored_that_is_the_state_whatever_else_is_true() -> None:
    stats = live()
    stats.storage_error = "data: No space left on device"
    text = shown(stats)
    assert heading(text) == "Not storing: disk full"
    assert '<h1 id="state" aria-live="polite" class="bad">' in text


def test_hostile_text_stays_text() -> None:
    stats = Stats(TIME)
    stats.last_requests.append(
        RequestRow(TIME, "<b>", 200, "stored", "<i>", "<u>", "<s>", "<script>alert(1)")
    )
    text = shown(stats)
    assert not re.search(r"<(b|i|u|s)>", text.partition("Last calls</h2>")[2])
    assert text.count("<script>") == 1


def test_the_test_receipt_goes_to_the_number_that_is_named() -> None:
    calls = simulate(1, 1).calls
    texts = [(call.query + call.body).decode() for call in calls]
    receipts = [text for text in texts if "messageId" in text and "msisdn" in text]
    assert receipts
    assert all(TEST_NUMBER in text for text in receipts)


def test_its_colours_are_those_of_the_report() -> None:
    style = resources.files("dlr_analytics.receiver.status").joinpath("status.css").read_text()
    for scheme, sheet in zip(("light", "dark", "forced"), style.split(":root{")[1:], strict=True):
        declared = dict(re.findall(r"--(\w+):([^;}]+)", sheet.partition("}")[0]))
        assert declared == {role: getattr(PALETTE[role], scheme) for role in declared}


def test_a_share_is_reached_within_a_bound() -> None:
    assert quantile_bound(Counter({0.01: 99, 5.0: 1}), 0.99) == 0.01
    assert quantile_bound(Counter({float("inf"): 1}), 0.99) == float("inf")
    assert quantile_bound(Counter(), 0.99) is None


def test_statistics_of_several_workers_are_shown_as_one() -> None:
    both = merge_stats([live(), live()])
    assert heading(shown(both)) == "Receiving: 82 receipts a second"
    assert len(both.last_requests) == 0


def test_details_older_than_an_hour_are_dropped() -> None:
    stats = live()
    stats.prune(TIME + 7200)
    assert (stats.commits_by_minute, stats.receipts_by_second) == ({}, {})
    assert stats.receipts.total() == 410


def test_it_shows_calls_as_they_come_and_no_number(start: Start) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    assert "Waiting for the first receipt" in ask_admin(port, "/")[1]
    receiver.ask("GET", PATH)
    receiver.ask(
        "POST",
        PATH,
        '{"messageId": "0C0000001234A41F", "status": "failed", "err-code": "6",'
        ' "msisdn": "447700900123", "network-code": "26202"}',
    )
    receiver.ask("GET", f"{PATH}?messageId=447700900123&status=447700900123")
    receiver.ask("POST", PATH, '{"msisdn": "447700900123", "messageId":')
    receiver.ask("DELETE", PATH)
    code, text = ask_admin(port, "/")
    assert code == 200
    rows = [
        [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>.*?</td>", line)][1:]
        for line in re.findall(r"<tr><td>.*?</tr>", text)
    ]
    quarantined = rows.pop(1)
    assert quarantined[:3] == ["POST", "200", "quarantined"]
    assert rows == [
        ["DELETE", "405", "refused", "–", "–", "–", "neither GET nor POST"],
        ["GET", "200", "stored", "unrecognised", "–", "…23", "no network-code"],
        [
            "POST JSON",
            "200",
            "stored",
            "failed",
            "26202",
            "0C00…A41F",
            "err-code 6, anti-spam rejection",
        ],
        ["GET", "200", "URL check", "–", "–", "–", "no receipt in it, nothing stored"],
    ]
    assert "447700900123" not in text
    assert re.findall(r'(?:src|href)="(.*?)"', text) == ["data:,"], "nothing is loaded"
