"""The figures of a data directory, and whether each of its files is sound."""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlr_analytics.errors import DamagedFile, DataFolderMissing
from dlr_analytics.store import layout, quarantine, verify
from dlr_analytics.store import quick_check as quick_check_module
from dlr_analytics.store import status as status_module
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.quick_check import quick_check
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.read import ReceiptFiles, open_listing
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.status import status
from tests.support.data_directories import receive
from tests.support.journals import NOON, entry, make_receipt

Fill = Callable[..., None]


def faults(data: Path) -> dict[str, list[str]]:
    found = {path.name: verify.check_file(path, data) for path in verify.files_to_check(data)}
    return {name: sentences for name, sentences in found.items() if sentences}


def test_receipts_files_and_sizes_are_counted(data: Path, fill: Fill) -> None:
    fill("1", "2")
    seal_all(data)
    later = NOON + dt.timedelta(hours=3)
    fill("3", received_at=later)
    Writer(data).write(
        [Entry(None, quarantine.encode(QuarantineEntry(NOON, "no message ID", "{}")))]
    )
    found = status(data)
    assert (found.receipts, found.newest) == (3, later)
    assert (found.sealed_files, found.journals, found.unsealed) == (1, 1, 1)
    assert found.quarantined == 1
    (sealed,) = layout.receipts(data).rglob("*.parquet")
    assert found.sizes["receipts"] == sealed.stat().st_size
    assert found.sizes["journal"] == len(entry("3", later).line)


def test_receipts_ahead_of_the_clock_are_named_and_not_the_newest(data: Path, fill: Fill) -> None:
    soon = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=23)
    fill("1", received_at=soon)
    fill("2", received_at=dt.datetime(2099, 1, 1))
    seal_all(data)
    found = status(data)
    assert (found.receipts, found.newest, found.ahead) == (2, soon, 1)
    assert list(faults(data).values()) == [["1 receipts more than a day ahead of the clock"]]


def test_files_compacted_during_a_count_are_listed_again(
    data: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("1")
    fill("2")
    seal_all(data)
    original = open_listing

    def compacted(*arguments: Any) -> ReceiptFiles:
        monkeypatch.setattr(status_module, "open_listing", original)
        found = original(*arguments)
        compact_day(data, NOON.date())
        return found

    monkeypatch.setattr(status_module, "open_listing", compacted)
    found = status(data)
    assert (found.receipts, found.sealed_files) == (2, 1)


def test_an_empty_folder_has_no_newest_receipt(tmp_path: Path) -> None:
    found = status(tmp_path)
    assert (found.receipts, found.newest, sum(found.sizes.values())) == (0, None, 0)


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing):
        status(tmp_path / "nowhere")
    with pytest.raises(DataFolderMissing):
        verify.files_to_check(tmp_path / "nowhere")


def test_a_sound_directory_has_no_faults(data: Path, fill: Fill) -> None:
    fill("1")
    seal_all(data)
    fill("2")
    writer = Writer(data)
    writer.write(
        [entry("3"), Entry(None, quarantine.encode(QuarantineEntry(NOON, "no message ID", "{}")))]
    )
    assert len(verify.files_to_check(data)) == 4
    assert faults(data) == {}
    assert list(quick_check(data)) == []


def test_each_bad_file_is_named_with_what_is_wrong(data: Path, fill: Fill) -> None:
    fill("1", "2", "3")
    seal_all(data)
    (sealed,) = layout.receipts(data).rglob("*.parquet")
    half = sealed.with_name("half.parquet")
    half.write_bytes(sealed.read_bytes()[:1000])
    fill("4", "5", "6")
    (journal,) = layout.journal(data).iterdir()
    good = journal.read_bytes()
    journal.write_bytes(good.replace(b'"sender":"Acme"', b'"sender":"Acne"', 1) + good[:100])
    empty = journal.with_name("2026-11-24.0-000001.jsonl")
    empty.touch()
    (layout.journal(data) / "notes.txt").touch()
    (layout.quarantine(data) / "0-000001-0.jsonl").write_bytes(b"damaged\n")
    found = faults(data)
    assert "magic bytes" in found.pop("half.parquet")[0]
    assert found == {
        journal.name: [
            "line 1 is damaged",
            "its last line is torn; it was never acknowledged",
        ],
        empty.name: ["empty"],
        "notes.txt": ["unknown file name"],
        "0-000001-0.jsonl": ["line 1 is damaged"],
    }
    assert list(quick_check(data)) == [
        f"{layout.journal(data) / 'notes.txt'}: unknown file name; ignored",
        f"{half}: not a whole Parquet file; restore it or move it away",
    ]
    with pytest.raises(DamagedFile, match=r"magic bytes.*; run dlr verify to see which"):
        status(data)


def test_days_on_another_disk_are_looked_through_too(
    data: Path, fill: Fill, tmp_path: Path
) -> None:
    fill("1")
    seal_all(data)
    (day,) = layout.receipts(data).iterdir()
    elsewhere = tmp_path / "elsewhere"
    day.rename(elsewhere)
    day.symlink_to(elsewhere)
    size = sum(path.stat().st_size for path in elsewhere.iterdir())
    assert status(data).sizes["receipts"] == size
    (elsewhere / "half.parquet").write_bytes(b"PAR1 and no more")
    assert faults(data).keys() == {"half.parquet"}
    assert len(list(quick_check(data))) == 1


def test_a_day_without_read_permission_does_not_prevent_a_start(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = layout.receipts(data) / layout.day_folder(NOON.date())

    def shut(*_: object) -> list[str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(day))

    monkeypatch.setattr(quick_check_module, "stored_files", shut)
    assert list(quick_check(data)) == [f"{day}: Permission denied; its contents were not checked"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("err_code", "99999::bigint"),
        ("price", "1e12::double"),
        ("price", "'0,03'"),
        ("problems", "'price_comma'"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_a_fault(
    data: Path, column: str, value: str
) -> None:
    folder = layout.receipts(data) / layout.day_folder(NOON.date())
    folder.mkdir()
    duckdb.sql(
        f"copy (select timestamp '{NOON}' as received_at, '0A' as message_id, {value} as {column})"
        f" to '{folder}/theirs.parquet'"
    )
    (fault,) = [
        sentence for sentence in faults(data)["theirs.parquet"] if "missing" not in sentence
    ]
    assert "Error" in fault


def test_a_broken_link_is_reported_and_stops_nothing(data: Path, tmp_path: Path) -> None:
    link = layout.receipts(data) / layout.day_folder(NOON.date()) / "gone.parquet"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "unmounted")
    assert faults(data) == {"gone.parquet": ["a broken symbolic link"]}
    assert list(quick_check(data)) == [f"{link}: a broken symbolic link; fix it or remove it"]


@pytest.mark.parametrize("folder", ["sends", "messages", "journal", "quarantine"])
def test_a_link_to_a_folder_that_nobody_reads_is_a_fault(
    data: Path, folder: str, tmp_path: Path
) -> None:
    (data / folder).mkdir(exist_ok=True)
    (data / folder / "old").symlink_to(tmp_path)
    ((name, (sentence,)),) = faults(data).items()
    assert (name, "only folders of days may be links" in sentence) == ("old", True)


def test_the_last_line_of_a_writer_that_lives_may_be_unfinished(data: Path) -> None:
    writer = Writer(data)
    writer.write([entry("1")])
    (journal,) = layout.journal(data).iterdir()
    with journal.open("ab") as file:
        file.write(entry("2").line[:50])
    assert faults(data) == {}
    writer.release()
    assert list(faults(data)) == [journal.name]


def test_a_page_in_the_middle_that_does_not_decode_is_found(data: Path) -> None:
    writer = Writer(data)
    writer.write([entry(f"{number:x}" * 40) for number in range(2000)])
    writer.release()
    seal_all(data)
    (sealed,) = layout.receipts(data).rglob("*.parquet")
    content = bytearray(sealed.read_bytes())
    content[2000:3000] = bytes(1000)
    sealed.write_bytes(content)
    assert list(faults(data)) == [sealed.name]


def test_receipts_on_the_wrong_day_or_without_an_id_or_a_column_are_found(data: Path) -> None:
    folder = layout.receipts(data) / "received_date=2026-11-24"
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select timestamp '2026-11-25 00:00:00' as received_at, null::varchar as"
            f" message_id) to '{folder / 'a.parquet'}' (format parquet)"
        )
    (found,) = faults(data).values()
    assert "column raw is missing" in found
    assert "column message_id is missing" not in found
    assert found[-2:] == [
        "1 receipts without received_at or message_id",
        "1 receipts of another day than the folder's",
    ]


def test_send_records_and_cached_messages_are_verified_too(data: Path) -> None:
    layout.sends(data).joinpath("a.parquet").write_bytes(b"PAR1 cut")
    layout.messages(data).joinpath("b.parquet").write_bytes(b"PAR1 cut")
    assert sorted(faults(data)) == ["a.parquet", "b.parquet"]


def test_numbers_are_counted_by_how_they_are_stored(data: Path) -> None:
    numbers = ["447700900001", "0123456789abcdef" * 2, "44********01", "+44 7700 900001", None]
    receive(data, [make_receipt(str(n), msisdn=number) for n, number in enumerate(numbers)])
    assert status(data).numbers == {"kept": 2, "hashed": 1, "masked": 1}
