"""Journals become Parquet once, whatever happens on the way."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal import codec
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.receipts.generations import FOOTER_KEY
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.journals import NOON, Disk, entry, make_receipt
from tests.support.receivers import stored

Fill = Callable[..., None]


def sealed_files(data: Path) -> list[Path]:
    return sorted(layout.receipts(data).rglob("*.parquet"))


def journals(data: Path) -> list[Path]:
    return sorted(layout.journal(data).iterdir())


def test_a_journal_becomes_the_one_parquet_file_that_its_name_says(data: Path, fill: Fill) -> None:
    fill("1", "2")
    (path,) = journals(data)
    name = layout.JournalName.parse(path.name)
    assert name is not None
    assert seal_all(data) == []
    assert sealed_files(data) == [layout.receipts(data) / name.sealed]
    assert journals(data) == []
    assert stored(data) == {"1": 1, "2": 1}


def test_the_columns_are_those_of_the_contract_with_explicit_types(data: Path, fill: Fill) -> None:
    fill("1")
    seal_all(data)
    (file,) = sealed_files(data)
    schema = pq.ParquetFile(file).schema_arrow
    types = {
        "TIMESTAMP": pa.timestamp("us"),
        "VARCHAR": pa.string(),
        "SMALLINT": pa.int16(),
        "DECIMAL(18,8)": pa.decimal128(18, 8),
        "VARCHAR[]": pa.list_(pa.field("element", pa.string())),
    }
    assert schema.names == list(COLUMNS)
    assert list(schema.types) == [types[type_] for type_ in COLUMNS.values()]


def test_a_column_without_a_value_keeps_its_type(data: Path) -> None:
    writer = Writer(data)
    empty = dict.fromkeys(["price", "scts", "err_code", "client_ref", "msisdn"])
    receipt = make_receipt("1", **empty)
    writer.write([Entry(NOON.date(), codec.encode(receipt))])
    writer.release()
    seal_all(data)
    (file,) = sealed_files(data)
    table = pq.read_table(file, partitioning=None)
    assert table.schema.field("price").type == pa.decimal128(18, 8)
    assert table["price"].to_pylist() == [None]


def test_receipts_are_sorted_by_arrival_and_compressed_with_zstd(data: Path) -> None:
    writer = Writer(data)
    times = [NOON + dt.timedelta(seconds=second) for second in (5, 1, 3)]
    writer.write([entry(str(time.second), time) for time in times])
    writer.release()
    seal_all(data)
    (file,) = sealed_files(data)
    assert pq.read_table(file, partitioning=None)["message_id"].to_pylist() == ["1", "3", "5"]
    columns = pq.ParquetFile(file)
    column = columns.metadata.row_group(0).column(columns.schema.names.index("raw"))
    assert (column.path_in_schema, column.compression) == ("raw", "ZSTD")


def test_pandas_polars_and_pyarrow_read_the_folder_with_no_help(data: Path, fill: Fill) -> None:
    fill("1", "2")
    fill("3", received_at=NOON + dt.timedelta(days=1))
    seal_all(data)
    folder = layout.receipts(data)
    days = [dt.date(2026, 11, 24), dt.date(2026, 11, 24), dt.date(2026, 11, 25)]

    in_pandas = pd.read_parquet(folder)
    assert sorted(in_pandas["message_id"]) == ["1", "2", "3"]
    assert sorted(in_pandas["received_date"].astype(str)) == [str(day) for day in days]
    assert in_pandas["price"].sum() == Decimal("0.09990000")

    in_polars = pl.read_parquet(folder, hive_partitioning=True)
    assert sorted(in_polars["received_date"].to_list()) == days
    assert in_polars["price"].sum() == Decimal("0.09990000")

    in_arrow = ds.dataset(folder, partitioning="hive").to_table()
    assert sorted(in_arrow["message_id"].to_pylist()) == ["1", "2", "3"]
    assert in_arrow.schema.field("price").type == pa.decimal128(18, 8)


def test_a_sealed_file_is_readable_by_its_owner_only(data: Path, fill: Fill) -> None:
    fill("1")
    seal_all(data)
    (file,) = sealed_files(data)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_journal_that_its_writer_has_open_is_left_alone(data: Path) -> None:
    writer = Writer(data)
    writer.write([entry("1")])
    assert seal_all(data) == []
    assert len(journals(data)) == 1
    writer.write([entry("2")])
    writer.release()
    seal_all(data)
    assert (journals(data), stored(data)) == ([], {"1": 1, "2": 1})


def test_sealing_again_changes_nothing(data: Path, fill: Fill, tmp_path: Path) -> None:
    fill("1")
    (path,) = journals(data)
    shutil.copy(path, tmp_path / "again")
    seal_all(data)
    before = {file: file.stat().st_ino for file in sealed_files(data)}
    shutil.copy(tmp_path / "again", path)  # as if it had not been removed before the power went
    assert stored(data) == {"1": 1}
    seal_all(data)
    assert {file: file.stat().st_ino for file in sealed_files(data)} == before
    assert (journals(data), stored(data)) == ([], {"1": 1})


def test_what_is_in_a_compacted_file_already_is_not_sealed_again(
    data: Path, fill: Fill, tmp_path: Path
) -> None:
    fill("1")
    (path,) = journals(data)
    shutil.copy(path, tmp_path / "again")
    seal_all(data)
    (file,) = sealed_files(data)
    compacted = file.with_name("z-000001.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from '{file}') to '{compacted}'"
            f" (format parquet, kv_metadata {{{FOOTER_KEY}: '{file.name}'}})"
        )
    file.unlink()
    shutil.copy(tmp_path / "again", path)
    assert stored(data) == {"1": 1}
    seal_all(data)
    assert (journals(data), sealed_files(data)) == ([], [compacted])


def test_concurrent_sealers_seal_once(data: Path, fill: Fill) -> None:
    for number in range(6):
        fill(str(number))
    with ThreadPoolExecutor(4) as threads:
        findings = [found for done in threads.map(seal_all, [data] * 4) for found in done]
    assert findings == []
    assert stored(data) == {str(number): 1 for number in range(6)}
    assert (journals(data), len(sealed_files(data))) == ([], 6)


def test_a_torn_last_line_is_skipped(data: Path, fill: Fill) -> None:
    fill("1", "2")
    (path,) = journals(data)
    path.write_bytes(path.read_bytes()[:-9])
    assert stored(data) == {"1": 1}
    assert seal_all(data) == []
    assert (journals(data), stored(data)) == ([], {"1": 1})


def test_a_damaged_line_goes_to_the_quarantine_and_the_others_are_sealed(
    data: Path, fill: Fill, tmp_path: Path
) -> None:
    fill("1", "2", "3")
    (path,) = journals(data)
    flipped = bytearray(path.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    path.write_bytes(flipped)
    shutil.copy2(path, tmp_path / "again")
    assert stored(data) == {"1": 1, "3": 1}
    (finding,) = seal_all(data)
    assert finding.startswith(f"{path}: line 2 is damaged, now in {layout.quarantine(data)}/")
    shutil.copy2(tmp_path / "again", path)  # killed just before the journal was removed
    seal_all(data)
    assert stored(data) == {"1": 1, "3": 1}
    (entry,) = quarantine.entries(data)
    assert entry.reason == quarantine.DAMAGED
    assert "447700900123" in entry.raw
    assert list(layout.staging(data).iterdir()) == []


def test_an_empty_journal_disappears(data: Path) -> None:
    name = layout.JournalName(NOON.date(), "0123456789abcdef", 1)
    (layout.journal(data) / name.file).touch()
    assert seal_all(data) == []
    assert (journals(data), sealed_files(data)) == ([], [])


def test_a_foreign_file_is_left_where_it_is(data: Path, fill: Fill) -> None:
    fill("1")
    foreign = layout.journal(data) / "notes.txt"
    foreign.write_text("not ours")
    assert seal_all(data) == []
    assert journals(data) == [foreign]
    assert stored(data) == {"1": 1}


def test_a_journal_that_cannot_be_sealed_stays_and_stops_no_other(data: Path, fill: Fill) -> None:
    fill("1")
    fill("2", received_at=NOON + dt.timedelta(days=1))
    blocked = layout.receipts(data) / layout.day_folder(NOON.date())
    blocked.touch()  # a file where the day's folder should be
    (finding,) = seal_all(data)
    assert "not sealed, stays as it is" in finding
    assert len(journals(data)) == 1
    blocked.unlink()
    assert seal_all(data) == []
    assert stored(data) == {"1": 1, "2": 1}


@pytest.mark.thorough
@pytest.mark.parametrize("lasting", [False, True])
def test_whichever_call_fails_each_receipt_is_there_once_at_every_moment(
    tmp_path: Path, lasting: bool
) -> None:
    nth, failed = 0, True
    while failed:
        nth += 1
        data = tmp_path / str(nth)
        Writer(data).probe()
        writer = Writer(data)
        writer.write([entry("1"), entry("2"), entry("3", NOON + dt.timedelta(days=1))])
        writer.release()
        damaged = journals(data)[1]
        damaged.write_bytes(damaged.read_bytes() + b"damaged\n")
        disk = Disk(nth, 10_000 if lasting else nth)
        seal_all(data, disk.calls)
        failed = disk.made >= nth
        everything = {"1": 1, "2": 1, "3": 1}
        assert stored(data) == everything, nth
        seal_all(data)
        assert stored(data) == everything, nth
        assert journals(data) == [], nth
        assert Counter(entry.reason for entry in quarantine.entries(data)) == {
            quarantine.DAMAGED: 1
        }
    assert nth > 10


def test_the_child_says_what_it_found_on_one_line_and_exits_1(data: Path, fill: Fill) -> None:
    fill("1")
    (path,) = journals(data)
    path.write_bytes(b"damaged\n" + path.read_bytes())
    command = [sys.executable, "-m", "dlr_analytics.store.receipts.seal", str(data)]
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == 1
    assert first.stderr.startswith(f"dlr: {path}: line 1 is damaged")
    assert first.stderr.count("\n") == 1
    second = subprocess.run(command, capture_output=True, text=True)
    assert (second.returncode, second.stderr) == (0, "")
