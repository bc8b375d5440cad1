"""Merged files: sorted, small, and with a Bloom filter on busy days."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dlr_analytics.simulate import simulate
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.receipts import merge
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sql import to_parquet
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.journals import NOON

DAY = NOON.date()


@pytest.fixture
def day(data: Path) -> Path:
    """A day of 61,440 receipts of 40,000 messages in two files."""
    folder = layout.receipts(data) / layout.day_folder(DAY)
    folder.mkdir()
    values = {
        "received_at": f"timestamp '{DAY}' + to_seconds(i)",
        "message_id": "md5(cast(i % 40000 as varchar))",
        "raw": "repeat(md5(cast(i as varchar)), 8)",
    }
    columns = ", ".join(
        f"cast({values.get(name, 'null')} as {kind}) as {name}" for name, kind in COLUMNS.items()
    )
    with duckdb.connect() as connection:
        for first in (0, 30_720):
            rows = f"select {columns} from range({first}, {first + 30_720}) as t (i)"
            connection.execute(to_parquet(rows, folder / f"made-{first}.parquet"))
    return folder


def filtered(folder: Path) -> set[str]:
    """Columns of the merged file that have a Bloom filter."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct path_in_schema from parquet_metadata(?)"
            " where bloom_filter_length is not null",
            [str(folder / "z-*.parquet")],
        ).fetchall()
    return {column for (column,) in rows}


def test_on_a_busy_day_ids_have_a_bloom_filter(
    data: Path, day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "BLOOM_FILTER_MIN_ROWS", 61_440)
    assert compact_day(data, DAY) == 2
    assert "message_id" in filtered(day)
    assert not filtered(day) & {"raw", "received_at"}


def test_on_a_quiet_day_they_have_none(data: Path, day: Path) -> None:
    assert compact_day(data, DAY) == 2
    assert "message_id" not in filtered(day)


@pytest.mark.thorough
def test_a_simulated_receipt_takes_50_bytes_with_raw(data: Path) -> None:
    writer = Writer(data)
    receipts = list(simulate(20_000, seed=11, days=1, end=NOON).receipts())
    writer.write([Entry(DAY, encode(receipt)) for receipt in receipts])
    writer.release()
    assert seal_all(data) == []
    sealed = size(data)
    compact_day(data, DAY)
    assert size(data) < 50 * len(receipts) < sealed


def size(data: Path) -> int:
    """Bytes in the day's folder."""
    folder = layout.receipts(data) / layout.day_folder(DAY)
    return sum(path.stat().st_size for path in folder.iterdir())
