"""Shipping: each file once, checked, and nothing removed that the bucket does not have."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from dlr_analytics.bucket.ship import Shipped, ship
from dlr_analytics.errors import DamagedFile
from dlr_analytics.receiver.shipping import schedule
from dlr_analytics.settings import Settings
from dlr_analytics.settings.bucket_address import BucketAddress
from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.quarantine import QuarantineEntry, encode
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.shipping.files import (
    count_unshipped,
    list_files,
    unshipped_files,
    withdrawn_names,
)
from tests.bucket.directories import contents, receive
from tests.bucket.stores import Fault, FaultyStore, Killed, in_memory
from tests.support.journals import NOON, entry

DAY = 86400.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def age(data: Path, name: str, days: float) -> None:
    """Let a file be older."""
    changed = time.time() - days * DAY
    os.utime(data / name, (changed, changed))


def test_a_file_is_in_the_bucket_as_it_was_here_and_then_no_longer_here(data: Path) -> None:
    name, store = receive(data, "1", "2"), FaultyStore()
    before = (data / name).read_bytes()
    assert ship(data, in_memory(store)) == Shipped(1, 1)
    assert store.contents() == {name: before}
    assert contents(data) == {}
    assert ship(data, in_memory(store)) == Shipped(0, 0)


def test_a_file_stays_for_the_days_that_are_asked_for_and_is_sent_once(data: Path) -> None:
    old, new, store = receive(data, "1"), receive(data, "2"), FaultyStore()
    age(data, old, 2.5)
    age(data, new, 1.5)
    assert ship(data, in_memory(store), keep_days=3) == Shipped(2, 0)
    assert ship(data, in_memory(store), keep_days=3) == Shipped(0, 0)
    assert store.requests["put"] == 2
    assert ship(data, in_memory(store), keep_days=2) == Shipped(0, 1)
    assert list(contents(data)) == [new]


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_store_that_fails_leaves_the_files_and_is_asked_once(data: Path, fault: Fault) -> None:
    receive(data, "1")
    receive(data, "2")
    store, before = FaultyStore(lambda method, name: fault), contents(data)
    shipped = ship(data, in_memory(store))
    (finding,) = shipped.findings
    assert finding == (
        "not shipped: s3://sms/live: the store at http://127.0.0.1:1 does not answer;"
        " check the network and AWS_ENDPOINT_URL, or wait"
    )
    assert contents(data) == before
    assert store.requests["put"] == 1
    store.fault = lambda method, name: ""
    assert ship(data, in_memory(store)) == Shipped(2, 2)


@pytest.mark.parametrize("fault", ["killed before", "killed after"])
def test_a_file_survives_the_death_of_the_process_that_sends_it(data: Path, fault: Fault) -> None:
    name = receive(data, "1")
    store, before = FaultyStore(lambda method, name: fault), (data / name).read_bytes()
    with pytest.raises(Killed):
        ship(data, in_memory(store))
    assert (data / name).exists()
    store.fault = lambda method, name: ""
    assert ship(data, in_memory(store)) == Shipped(1, 1)
    assert store.contents() == {name: before}


def test_an_object_of_another_size_is_not_replaced_and_the_file_stays(data: Path) -> None:
    taken, store = receive(data, "1"), FaultyStore()
    receive(data, "2")
    store.memory.put(taken, b"something else")
    shipped = ship(data, in_memory(store))
    assert shipped.sent == 1
    assert "has 14 bytes, and the file of this name" in shipped.findings[0]
    assert store.contents()[taken] == b"something else"
    assert list(contents(data)) == [taken]


def test_a_damaged_file_is_not_sent_and_the_others_are(data: Path) -> None:
    damaged, sound, store = receive(data, "1"), receive(data, "2"), FaultyStore()
    content = bytearray((data / damaged).read_bytes())
    content[100] ^= 1
    (data / damaged).write_bytes(content)
    shipped = ship(data, in_memory(store))
    (finding,) = shipped.findings
    assert finding == (
        f"not shipped: {data / damaged}: it has changed since it was written;"
        " restore it from a backup or move it away"
    )
    assert list(store.contents()) == [sound]
    assert list(contents(data)) == [damaged]


def test_a_quarantine_file_waits_until_its_writer_has_closed_it(data: Path) -> None:
    writer, store = Writer(data), FaultyStore()
    writer.write([Entry(None, encode(QuarantineEntry(NOON, "no message ID", "{}")))])
    assert ship(data, in_memory(store)) == Shipped(0, 0)
    writer.release()
    assert ship(data, in_memory(store)) == Shipped(1, 1)


def test_send_records_are_shipped_and_files_of_others_are_not(data: Path) -> None:
    receive(data, "1")
    for folder in ("sends", "quarantine"):
        (data / folder).mkdir(exist_ok=True)
    (data / "sends" / "0123456789abcdef.parquet").write_bytes(b"PAR1 no pages PAR1")
    for other in ("receipts/notes.txt", "sends/notes.txt", "quarantine/notes.txt", "networks.csv"):
        (data / other).write_text("")
    assert sorted(file.name.partition("/")[0] for file in list_files(data)) == ["receipts", "sends"]


def test_one_process_ships_at_a_time(data: Path) -> None:
    receive(data, "1")
    with exclusive_lock(layout.bucket_lock(data)):
        assert ship(data, in_memory()) == Shipped(0, 0)
    assert ship(data, in_memory()) == Shipped(1, 1)


def test_a_record_that_was_cut_short_only_costs_a_request(data: Path) -> None:
    first, second, store = receive(data, "1"), receive(data, "2"), FaultyStore()
    ship(data, in_memory(store), keep_days=3)
    record = layout.shipped(data)
    record.write_text(record.read_text()[:-5])
    assert [file.name for file in unshipped_files(data)] in ([first], [second])
    assert ship(data, in_memory(store), keep_days=3) == Shipped(1, 0)
    assert unshipped_files(data) == []


def test_a_list_of_removed_files_that_is_not_text_is_refused(data: Path) -> None:
    receive(data, "1")
    layout.withdrawn(data).write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedFile, match=r"withdrawn: not UTF-8 text; restore it"):
        withdrawn_names(data)


def test_a_journal_that_outlived_its_shipped_file_is_shipped_again_unchanged(data: Path) -> None:
    store = FaultyStore()
    writer = Writer(data)
    writer.write([entry("1"), entry("2")])
    writer.release()
    (journal,) = layout.journal(data).iterdir()
    lines = journal.read_bytes()
    assert seal_all(data) == []
    ship(data, in_memory(store))
    before = store.contents()
    journal.write_bytes(lines)  # sealed, shipped, and killed before the journal was removed
    assert seal_all(data) == []
    assert ship(data, in_memory(store)) == Shipped(1, 1)
    assert store.contents() == before


def test_folders_of_past_days_go_once_their_files_have(data: Path) -> None:
    receive(data, "1")
    ship(data, in_memory(), now=NOON.timestamp() + 40 * DAY)
    assert list(layout.receipts(data).iterdir()) == []


def test_what_waits_is_counted_with_the_time_of_the_oldest(data: Path) -> None:
    assert count_unshipped(data).files == 0
    name = receive(data, "1")
    receive(data, "2")
    age(data, name, 1)
    waiting = count_unshipped(data)
    assert waiting.files == 2
    assert waiting.since == (data / name).stat().st_mtime


def test_a_folder_that_cannot_be_listed_is_logged_once_and_does_not_end_the_receiver(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receive(data, "1")
    loop = layout.receipts(data) / "received_date=2026-11-23"
    loop.symlink_to(loop)

    async def scene() -> None:
        shipped = asyncio.Event()

        async def run_child(*_: str, logged: set[str]) -> bool:
            shipped.set()
            return True

        monkeypatch.setattr(schedule, "run_child", run_child)
        shipper = schedule.Shipper(
            Settings(data=data, ship_to=BucketAddress("sms"), seal_seconds=0.01)
        )
        running = asyncio.create_task(shipper.run())
        await asyncio.sleep(0.1)
        assert not running.done()
        assert not shipped.is_set()
        loop.unlink()
        await asyncio.wait_for(shipped.wait(), 10)
        loop.symlink_to(loop)
        running.cancel()
        await asyncio.wait([running])
        await shipper.finish()

    asyncio.run(scene())
    unlisted = (
        f"nothing is shipped while a folder cannot be listed: {loop}: Too many levels of symbolic"
        " links; remove the symbolic link"
    )
    again = "the files to ship can be listed again"
    assert [record.getMessage() for record in caplog.records] == [unlisted, again, unlisted]
