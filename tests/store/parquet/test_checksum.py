"""The checksum in files of ours: what it finds, and that every reader reads past it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout, verify
from dlr_analytics.store.parquet.checksum import MAGIC, add_sum, check_sum, has_sum
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts.compact import compact, compact_day
from dlr_analytics.store.receipts.insert import import_receipts
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.receipt import read_receipt
from tests.support.commands import run
from tests.support.journals import NOON

Fill = Callable[..., None]


@pytest.fixture
def sealed(data: Path, fill: Fill) -> Path:
    """A small sealed file."""
    fill("1", "2", "3")
    seal_all(data)
    (file,) = layout.receipts(data).rglob("*.parquet")
    return file


def flip(file: Path, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)


@pytest.mark.thorough
def test_a_flipped_bit_of_any_byte_is_found(data: Path, sealed: Path) -> None:
    whole = sealed.read_bytes()
    block = whole.index(MAGIC)
    everywhere = [8 * byte + byte * 5 % 8 for byte in range(len(whole))]
    ends = [(block, block + 40), (len(whole) - 12, len(whole))]
    each = [bit for first, last in ends for bit in range(8 * first, 8 * last)]
    missed_by_sum = []
    for bit in {*everywhere, *each}:
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        sealed.write_bytes(content)
        try:
            check_sum(sealed)
            missed_by_sum.append(bit)
        except DamagedFile:
            pass
    assert all(bit // 8 >= len(whole) - 8 for bit in missed_by_sum), "only the end of the file"
    for bit in missed_by_sum:
        sealed.write_bytes(whole)
        flip(sealed, bit)
        assert verify.check_file(sealed, data), f"bit {bit} of {8 * len(whole)}"
    sealed.write_bytes(whole)
    assert verify.check_file(sealed, data) == []


def test_the_sum_is_of_all_other_bytes_and_before_the_footer(sealed: Path) -> None:
    """As anybody can compute it who knows how a Parquet file ends."""
    whole = sealed.read_bytes()
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    pages, block, rest = whole[: footer - 40], whole[footer - 40 : footer], whole[footer:]
    assert block[:8] == b"DLRSUM1\0"
    assert block[8:] == hashlib.sha256(pages + block[:8] + rest).digest()
    groups = pq.read_metadata(sealed)
    assert groups.metadata[b"dlr_format"] == b"1"
    columns = [groups.row_group(0).column(n) for n in range(groups.num_columns)]
    assert max(c.data_page_offset for c in columns) < len(pages)


def test_questions_check_no_sum_and_verify_names_the_file(
    data: Path, sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(sealed, 8 * (sealed.read_bytes().index(MAGIC) + 20))
    counted = run(capsys, "sql", "select count(*) as n from receipts", "--data", data)
    assert (counted.code, counted.err) == (0, "")
    done = run(capsys, "verify", "--data", data)
    assert (done.code, done.out.startswith(f"{sealed}: it has changed")) == (1, True)


def test_a_truncated_file_is_found(data: Path, sealed: Path) -> None:
    whole = sealed.read_bytes()
    block = whole.index(MAGIC)
    for length in {0, 1, 4, 12, block, block + 8, block + 40, len(whole) - 8, len(whole) - 1}:
        sealed.write_bytes(whole[:length])
        assert verify.check_file(sealed, data), length


def test_every_reader_reads_past_the_sum(sealed: Path) -> None:
    ids = ["1", "2", "3"]
    assert has_sum(sealed)
    with duckdb.connect() as connection:
        rows = connection.execute(f"select message_id from '{sealed}' order by 1").fetchall()
    assert [found for (found,) in rows] == ids
    assert sorted(pq.read_table(sealed, partitioning=None)["message_id"].to_pylist()) == ids
    assert sorted(pl.read_parquet(sealed)["message_id"]) == ids
    assert sorted(pd.read_parquet(sealed, partitioning=None)["message_id"]) == ids


def test_every_kind_of_file_of_ours_has_a_sum(
    data: Path, fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill("1")
    seal_all(data)
    imported = read_receipt({"messageId": "2", "status": "delivered"}, NOON - dt.timedelta(days=1))
    assert imported is not None
    import_receipts(data, [imported])
    record_sends(data, [Send("1", NOON)])
    assert run(capsys, "compact", "--data", data).code == 0
    fill("3")
    seal_all(data)
    files = [path for path in verify.parquet_files(data) if path.name != "_kept.json"]
    assert {path.suffix for path in files} == set(layout.PARQUET_SUFFIXES)
    assert any(path.name.startswith("z-") for path in files)
    assert [path for path in files if not check_sum(path)] == []


def test_files_of_others_are_read_as_before_and_counted(
    data: Path, sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(pq.read_table(sealed, partitioning=None), sealed.with_name("pyarrow.parquet"))
    rows = f"select * exclude (received_date) from '{sealed}'"
    duckdb.sql(f"copy ({rows}) to '{sealed.with_name('duckdb.parquet')}'")
    done = run(capsys, "verify", "--data", data)
    assert (done.code, done.out) == (0, "")
    assert "3 files read, 0 with faults\n2 files without a sum: " in done.err
    assert "\nwithout a sum   2 files\n" in run(capsys, "status", "--data", data).out
    assert compact_day(data, NOON.date()) == 3
    assert "without a sum" not in run(capsys, "verify", "--data", data).err


def test_equal_rows_are_written_with_equal_sums_over_what_a_killed_run_left(tmp_path: Path) -> None:
    written = set()
    for name, left in (("a", None), ("b", b""), ("c", b"PAR1 half" * 1000)):
        path = tmp_path / f"{name}.parquet"
        if left is not None:
            path.write_bytes(left)
        with duckdb.connect() as connection:
            checksum = write_parquet(connection, "from range(9)", path)
        written.add((checksum, path.read_bytes()))
    assert len(written) == 1


def test_what_is_no_parquet_file_gets_no_sum(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for content in (b"", b"PAR1", b"PAR1 and no more", b"PAR1" + b"\xff" * 8 + b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(OSError, match="not a whole Parquet file"):
            add_sum(path)
        assert path.read_bytes() == content


@pytest.mark.thorough
def test_a_day_with_a_damaged_file_is_named_and_not_merged_and_others_are(
    data: Path, fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    before = NOON - dt.timedelta(days=1)
    fill("1")
    fill("2")
    fill("3", received_at=before)
    fill("4", received_at=before)
    seal_all(data)
    folder = layout.receipts(data) / layout.day_folder(NOON.date())
    damaged, sound = sorted(folder.iterdir())
    whole = damaged.read_bytes()
    for bit in range(0, 8 * len(whole), 8 * len(whole) // 60):
        flip(damaged, bit)
        contents = damaged.read_bytes()
        other, one = list(compact(data, [before.date(), NOON.date()]))
        assert not other.finding
        assert str(damaged) in one.finding, bit
        assert {path: path.read_bytes() for path in folder.iterdir()} == {
            damaged: contents,
            sound: sound.read_bytes(),
        }
        damaged.write_bytes(whole)
    flip(damaged, 400)
    done = run(capsys, "compact", "--data", data)
    assert done.code == 1
    assert f"not compacted: {damaged}: it has changed since it was written; restore" in done.err
    damaged.write_bytes(whole)
    assert compact_day(data, NOON.date()) == 2


def test_what_a_damaged_compacted_file_replaces_is_not_removed(data: Path, fill: Fill) -> None:
    fill("1")
    fill("2")
    seal_all(data)
    folder = layout.receipts(data) / layout.day_folder(NOON.date())
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    compact_day(data, NOON.date())
    (merged,) = folder.iterdir()
    flip(merged, 400)
    for path, content in kept.items():
        path.write_bytes(content)
    (one,) = compact(data, [NOON.date()])
    assert f"{merged}: it has changed" in one.finding
    assert {path: path.read_bytes() for path in kept} == kept
