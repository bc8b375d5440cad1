"""Data directories of earlier releases, whose files have no channel, go on working."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

import dlr_analytics as dlr
from dlr_analytics.store import layout
from dlr_analytics.store.connection import connect
from dlr_analytics.store.journal.codec import checksummed_line
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sql import from_parquet
from dlr_analytics.webhook.receipt import COLUMNS, Receipt, read_receipt
from tests.support.commands import run
from tests.support.data_directories import receive

YESTERDAY = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=1)
DELIVERED = {"status": "delivered"}
OLD = ", ".join(name for name in COLUMNS if name != "channel")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def receipt(message_id: str, channel: str = "sms", **fields: str) -> Receipt:
    found = read_receipt({"messageId": message_id} | (fields or DELIVERED), YESTERDAY)
    assert found is not None
    return dataclasses.replace(found, channel=channel)


def sealed_before(data: Path, one: Receipt) -> None:
    """A sealed file as an earlier release wrote it."""
    before = set(layout.receipts(data).rglob("*.parquet"))
    receive(data, [one])
    (file,) = set(layout.receipts(data).rglob("*.parquet")) - before
    old = file.with_name("0123456789abcdef-000001.parquet")
    with connect() as connection:
        connection.execute(f"copy (select {OLD} from {from_parquet([file])}) to '{old}'")
    file.unlink()


def journaled_before(data: Path, one: Receipt) -> None:
    """A journal as an earlier release left it, unsealed."""
    members = dataclasses.asdict(one)
    del members["channel"]
    layout.journal(data).mkdir(parents=True, exist_ok=True)
    name = JournalName(one.received_at.date(), "earlier", 1)
    (layout.journal(data) / name.file).write_bytes(checksummed_line(members))


def channels(data: Path) -> dict[str, str]:
    rows = dlr.open(data).messages.project("message_id, channel").fetchall()
    return dict(rows)


@pytest.mark.thorough
def test_files_without_a_channel_are_read_merged_and_verified_beside_new_ones(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_before(data, receipt("0A"))
    journaled_before(data, receipt("0B"))
    receive(data, [receipt("0C", "whatsapp")], seal=False)
    expected = {"0A": "sms", "0B": "sms", "0C": "whatsapp"}
    assert channels(data) == expected
    assert seal_all(data) == []
    assert channels(data) == expected
    assert compact_day(data, YESTERDAY.date()) == 3
    assert len(list(layout.receipts(data).rglob("*.parquet"))) == 1
    assert channels(data) == expected
    assert run(capsys, "verify", "--data", data).code == 0
    run(capsys, "compact", "--data", data)
    assert channels(data) == expected
    assert dlr.open(data).delivery_rate().rows()[0][0] == 2
    assert "other channels  1 whatsapp" in run(capsys, "status", "--data", data).out


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fields",
    [
        {"text": "STOP", "keyword": "STOP"},
        {"Text": ""},
        {"message_type": "image"},
        {"message-type": "text"},
        {"direction": "inbound"},
    ],
    ids=str,
)
@pytest.mark.parametrize("write", [sealed_before, journaled_before])
def test_an_inbound_message_that_was_stored_as_a_receipt_is_no_message(
    data: Path, write: Callable[[Path, Receipt], None], fields: dict[str, str]
) -> None:
    receive(data, [receipt("0A"), receipt("0B", context="text", direction="outbound")])
    write(data, receipt("0C", **fields))
    assert set(channels(data)) == {"0A", "0B"}
    assert len(dlr.open(data).receipts) == 3


def test_a_receipt_of_an_earlier_release_stays_a_message_without_a_status_too(data: Path) -> None:
    journaled_before(data, receipt("0A", msisdn="447700900001"))
    assert set(channels(data)) == {"0A"}


def test_a_status_makes_a_receipt_of_an_earlier_release_whatever_else_it_has(data: Path) -> None:
    journaled_before(data, receipt("0A", status="delivered", text="hi"))
    assert set(channels(data)) == {"0A"}


def test_a_receipt_without_a_channel_is_known_when_it_is_imported_again(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_before(data, receipt("0A"))
    file = tmp_path / "again.csv"
    file.write_text(run(capsys, "sql", "from receipts", "--format", "csv", "--data", data).out)
    assert "0 new, 1 known" in run(capsys, "import", file, "--data", data).out
