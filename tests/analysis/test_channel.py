"""Figures are of SMS unless another channel is asked for; old files have no channel."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import dlr_analytics as dlr
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.webhook.receipt import COLUMNS, Receipt
from tests.support.message_tables import message, metric_rows, only
from tests.support.pipelines import after, derive, derive_one, receipt


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("unit", ["message", "sms"])
def test_a_figure_is_of_sms_unless_another_channel_is_asked_for(metric: str, unit: str) -> None:
    sms, others = [message("failed", err_code=6)], [message(channel="whatsapp", err_code=3)]
    plain = metric_rows(metric, sms, unit=unit)
    assert metric_rows(metric, sms + others, unit=unit) == plain
    assert metric_rows(metric, sms + others, unit=unit, channel="sms") == plain


def test_all_asks_about_every_channel_and_a_name_about_one() -> None:
    rows = [message(), message(channel="rcs"), message("failed", channel="rcs")]
    counts = {
        channel: only(metric_rows("delivery-rate", rows, channel=channel))["messages"]
        for channel in (None, "sms", "rcs", " RCS ", "all", "ALL", "it's", "/* by, */")
    }
    assert list(counts.values()) == [1, 1, 2, 2, 3, 3, 0, 0]


def test_the_number_of_selected_messages_is_of_the_channel(tmp_path: Path) -> None:
    db = stored(tmp_path, [receipt("a"), receipt("b", channel="mms", seconds=60)])
    for parameters in ({}, {"since": "2026-11-01"}, {"where": "true"}, {"unit": "sms"}):
        told: dict[str, Any] = {
            channel: db.delivery_rate(channel=channel, **parameters)
            for channel in ("sms", "mms", "all", "rcs")
        }
        assert [one.messages_total for one in told.values()] == [1, 1, 2, 0]
        assert [one.rows()[0][0] for one in told.values()] == [1, 1, 2, 0]
        assert told["mms"].span == (after(60), after(60))


def stored(data: Path, receipts: list[Receipt]) -> dlr.Database:
    """A data directory with a journal of these receipts."""
    folder = data / "journal"
    folder.mkdir(exist_ok=True)
    lines = [encode(one) for one in receipts]
    (folder / "2026-11-03.k3f9x2ab-000001.jsonl").write_bytes(b"".join(lines))
    return dlr.open(data)


def test_quality_counts_the_messages_of_all_other_channels(tmp_path: Path) -> None:
    channels = ["sms", "rcs", "rcs", "mms"]
    db = stored(tmp_path, [receipt(f"a{i}", channel=name) for i, name in enumerate(channels)])
    for channel, elsewhere in ((None, 3), ("sms", 3), ("rcs", 2), ("viber", 4), ("all", 0)):
        counts = db.quality(channel=channel).df().set_index("problem")["messages"]
        assert counts["other_channel"] == elsewhere


# the channel of a message


def test_a_message_whose_receipts_have_no_channel_is_an_sms() -> None:
    assert derive_one([receipt(channel=None)])["channel"] == "sms"


def test_the_deciding_receipt_that_has_a_channel_says_which() -> None:
    early, late = receipt("a", "accepted", channel="rcs"), receipt("a", seconds=9, channel="mms")
    assert derive_one([early, late])["channel"] == "mms"
    late = receipt("a", seconds=9, channel=None)
    assert derive_one([early, late])["channel"] == "rcs"


# read


def test_a_read_message_is_final_and_counts_as_delivered() -> None:
    row = derive_one([receipt(status="read", channel="whatsapp")])
    assert (row["status"], row["final"], row["outcome"], row["expected"]) == (
        *("read", True, "delivered", 1.0),
    )


def test_a_message_that_is_read_later_was_delivered_when_it_was_delivered() -> None:
    row = derive_one(
        [
            receipt(status="accepted", channel="rcs"),
            receipt(status="delivered", channel="rcs", seconds=5),
            receipt(status="read", channel="rcs", seconds=4000),
        ]
    )
    assert (row["status"], row["push_latency_s"], row["final_at"]) == ("read", 5, after(5))


def test_delivered_wins_over_read_of_the_same_moment_and_read_over_failed() -> None:
    def status(*statuses: str) -> Any:
        return derive_one([receipt(status=each) for each in statuses])["status"]

    assert (status("read", "delivered"), status("failed", "read")) == ("delivered", "read")


# pending messages


def test_the_share_of_pending_messages_rests_on_those_of_their_channel() -> None:
    mature = [
        receipt(f"{channel}{number}", status, channel=channel)
        for channel, status in (("sms", "failed"), ("rcs", "read"))
        for number in range(100)
    ]
    late = [Receipt(**{**fields(each), "received_at": after(hours=1)}) for each in mature]
    now = dt.timedelta(days=10)
    pending = [
        receipt(f"new-{channel}", "accepted", now.total_seconds(), channel=channel)
        for channel in ("sms", "rcs", "mms")
    ]
    rows = derive([*late, *pending], as_of=after(now.total_seconds() + 60))
    assert [rows[f"new-{name}"]["expected"] for name in ("sms", "rcs", "mms")] == [0, 1, None]


def fields(one: Receipt) -> dict[str, Any]:
    """The fields of a receipt by column."""
    return {name: getattr(one, name) for name in COLUMNS}
