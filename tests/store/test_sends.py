"""Send times are stored once, beside a running receiver, with explicit types."""

from __future__ import annotations

import datetime as dt
import hmac
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.staging import ImportCounts
from dlr_analytics.store.sends import COLUMNS, Send, record_sends, send_files
from dlr_analytics.webhook.privacy import Privacy

NOON = dt.datetime(2026, 11, 24, 12)
HASHED = hmac.new(b"key", b"447700900001", "sha256").hexdigest()[:32]
FULL = Send(
    "0A",
    NOON.replace(microsecond=250_000),
    "reports",
    "447700900001",
    "Acme",
    "23410",
    Decimal("0.03330000"),
    "EUR",
    "order 1",
    "X",
    2,
    3,
)


def rows(data: Path) -> list[tuple[Any, ...]]:
    files = [str(path) for path in send_files(data)]
    read = "select * from read_parquet(?) order by all"
    return duckdb.execute(read, [files]).fetchall() if files else []


def test_every_field_comes_back_in_its_type(tmp_path: Path) -> None:
    record_sends(tmp_path, [FULL])
    assert rows(tmp_path) == [astuple(FULL)]
    (file,) = send_files(tmp_path)
    described = duckdb.execute("select * from read_parquet(?)", [str(file)]).description
    assert {column[0]: str(column[1]) for column in described} == COLUMNS


def test_types_do_not_depend_on_what_is_known(tmp_path: Path) -> None:
    record_sends(tmp_path, [Send("0A", NOON)])
    (file,) = send_files(tmp_path)
    described = duckdb.execute("select * from read_parquet(?)", [str(file)]).description
    assert {column[0]: str(column[1]) for column in described} == COLUMNS


def test_recording_twice_changes_nothing(tmp_path: Path) -> None:
    records = [FULL, Send("0B", NOON), Send("0B", NOON + dt.timedelta(seconds=1))]
    assert record_sends(tmp_path, records) == ImportCounts(3, 0)
    once, files = rows(tmp_path), send_files(tmp_path)
    assert record_sends(tmp_path, reversed(records)) == ImportCounts(0, 3)
    assert (rows(tmp_path), send_files(tmp_path)) == (once, files)


def test_a_record_that_says_more_is_another(tmp_path: Path) -> None:
    record_sends(tmp_path, [Send("0A", NOON)])
    assert record_sends(tmp_path, [Send("0A", NOON, sender="Acme")]) == ImportCounts(1, 0)


def test_equal_records_of_one_call_are_one(tmp_path: Path) -> None:
    assert record_sends(tmp_path, [Send("0A", NOON)] * 3) == ImportCounts(1, 2)


sends = st.builds(
    Send,
    st.sampled_from(["0A", "0B", "é\u2028"]),
    st.sampled_from([NOON, NOON + dt.timedelta(seconds=1)]),
    client_ref=st.sampled_from([None, "x"]),
    price=st.sampled_from([None, Decimal("9999999999.99999999")]),
)


@pytest.mark.thorough
@given(st.lists(st.lists(sends, max_size=5), max_size=4))
@settings(max_examples=20, deadline=None)
def test_however_they_are_handed_in_the_store_is_their_set(calls: list[list[Send]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        taken = [record_sends(data, records) for records in calls]
        expected = {astuple(record) for records in calls for record in records}
        assert set(rows(data)) == expected
        assert sum(t.new for t in taken) == len(rows(data)) == len(expected)


def test_two_at_once_store_each_record_once(tmp_path: Path) -> None:
    records = [Send(f"{n:02x}", NOON) for n in range(50)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: record_sends(tmp_path, records), range(4)))
    assert sum(t.new for t in taken) == len(rows(tmp_path)) == 50


@pytest.mark.parametrize(
    ("how", "number", "reference"),
    [
        ("mask", "44********01", "for 44********01"),
        ("hash", HASHED, f"for {HASHED}"),
    ],
)
def test_numbers_are_protected_before_they_touch_the_disk(
    tmp_path: Path, how: str, number: str, reference: str
) -> None:
    send = Send("0A", NOON, msisdn="447700900001", client_ref="for 447700900001")
    record_sends(tmp_path, [send], Privacy(how, b"key"))
    (stored,) = (Send(*row) for row in rows(tmp_path))
    assert (stored.msisdn, stored.client_ref) == (number, reference)


def test_a_foreign_file_with_fewer_columns_counts(tmp_path: Path) -> None:
    layout.sends(tmp_path).mkdir()
    theirs = layout.sends(tmp_path) / "mine.parquet"
    duckdb.execute(
        "copy (select '0A' as message_id, timestamp '2026-11-24 12:00:00' as sent_at,"
        f" 'sends' as source) to '{theirs}'"
    )
    assert record_sends(tmp_path, [Send("0A", NOON), Send("0B", NOON)]) == ImportCounts(1, 1)


def test_where_the_records_raise_nothing_is_stored(tmp_path: Path) -> None:
    def broken() -> Iterator[Send]:
        yield FULL
        raise RuntimeError("the database was closed")

    with pytest.raises(RuntimeError):
        record_sends(tmp_path, broken())
    assert (send_files(tmp_path), list(layout.staging(tmp_path).iterdir())) == ([], [])


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(StoreError, match="data: Not a directory; fix that"):
        record_sends(tmp_path / "data", [FULL])
