"""The files under ``messages/``: complete for other readers, and read only where needed."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import dataset

import dlr_analytics as dlr
from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout, verify
from dlr_analytics.store.sends import Send, record_sends
from tests.support.cache import cache_state, open_receipts, refresh_cache
from tests.support.contract import MESSAGE_COLUMNS
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, after, receipt

ASKED_FOR = {"outcome", "expected"}
"""Columns that depend on the moment of the query are not cached."""

DAY = 86_400


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Messages of three days, one each hour."""
    folder = tmp_path / "data"
    receive(folder, [receipt(f"m{hour}", seconds=hour * 3600) for hour in range(-11, 59)])
    return folder


def plainly(data: Path) -> list[dict[str, Any]]:
    """The rows of all Parquet files under ``messages/``, as any reader finds them."""
    with duckdb.connect() as connection:
        found = connection.sql(f"from '{layout.messages(data)}/**/*.parquet' order by message_id")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def asked(data: Path) -> list[dict[str, Any]]:
    """The rows of ``messages``."""
    found = dlr.open(data).messages.order("message_id")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def same(data: Path) -> bool:
    """Whether the cached rows are those of ``messages``, except columns of the moment."""
    columns = [name for name in MESSAGE_COLUMNS if name not in ASKED_FOR]
    kept = [{name: row[name] for name in columns} for row in plainly(data)]
    return kept == [{name: row[name] for name in columns} for row in asked(data)]


def test_the_cache_has_the_columns_of_the_contract_and_a_row_per_message(data: Path) -> None:
    assert refresh_cache(data) == 3
    assert same(data)


@pytest.mark.thorough
def test_a_later_send_log_counts_at_once_and_is_cached_next(data: Path) -> None:
    refresh_cache(data)
    before = asked(data)
    sends = [Send("M3", after(3 * 3600 - 7), price=Decimal("0.5")), Send("silent", after(5))]
    record_sends(data, sends)
    now = {row["message_id"]: row for row in asked(data)}
    assert len(now) == len(before) + 1
    assert (now["m3"]["sent_at_source"], now["m3"]["push_latency_s"]) == ("sends", 7)
    assert not same(data)
    refresh_cache(data)
    assert same(data)


@pytest.mark.thorough
def test_an_offset_learned_later_counts_at_once_and_is_cached_next(data: Path) -> None:
    """One receipt of a network gives no offset; a hundred more on later days do."""
    ahead: dict[str, Any] = {"network_code": "24001", "price": None}
    receive(data, [receipt("early", scts=after(minutes=119), **ahead)])
    record_sends(data, [Send("early", after(-90))])
    refresh_cache(data)
    assert [row["scts_offset_min"] for row in asked(data) if row["message_id"] == "early"] == [None]
    later = [
        receipt(f"l{i}", seconds=i * 900, scts=after(i * 900, minutes=119), **ahead)
        for i in range(1, 120)
    ]
    receive(data, later)
    now = next(row for row in asked(data) if row["message_id"] == "early")
    assert (now["scts_offset_min"], now["latency_s"]) == (120, 30)
    refresh_cache(data)
    assert same(data)


@pytest.mark.thorough
def test_receipts_of_open_messages_stay_cached_when_their_offset_changes(data: Path) -> None:
    ahead: dict[str, Any] = {"network_code": "24001", "price": None}
    receive(data, [receipt("early", "buffered", scts=after(minutes=119), **ahead)])
    refresh_cache(data)
    later = [
        receipt(f"l{i}", "buffered", seconds=i * 900, scts=after(i * 900, minutes=119), **ahead)
        for i in range(1, 120)
    ]
    receive(data, later)
    refresh_cache(data)
    (early,) = (row for row in plainly(data) if row["message_id"] == "early")
    assert early["scts_offset_min"] == 120
    found, wanted = open_receipts(data)
    assert found == wanted
    assert len(found) == 120


@pytest.mark.thorough
def test_a_send_without_a_receipt_is_cached_with_its_day(data: Path) -> None:
    """The manifest's entry of the day covers the new message and the old ones."""
    refresh_cache(data)
    record_sends(data, [Send("silent", after(-11 * 3600))])
    refresh_cache(data)
    days = cache_state(data).days
    for day in days:
        rows = [row for row in plainly(data) if row["first_seen"] == day]
        assert days[day].newest == max(row["message_time"] for row in rows)
        assert days[day].last_known == max(row["last_known_at"] for row in rows).date()
    assert same(data)


def hollow(file: Path) -> None:
    """Overwrite the values of a Parquet file with zeros; its footer stays."""
    whole = file.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    file.write_bytes(whole[:4] + bytes(len(whole) - 4 - footer) + whole[-footer:])


@pytest.mark.thorough
def test_a_query_of_one_day_reads_the_values_of_no_other_old_day(data: Path) -> None:
    """What was sent in the last 72 hours may be pending, and is read."""
    receive(data, [receipt("new", seconds=7 * DAY)])
    refresh_cache(data)
    question = {"since": after(DAY).date(), "until": after(2 * DAY).date()}
    metrics = ("delivery-rate", "latency", "cost", "errors", "quality", "coverage")
    right = [dlr.open(data).ask(metric, question).rows() for metric in metrics]  # type: ignore[arg-type]
    for day in (NOON.date(), after(2 * DAY).date()):
        (file,) = layout.messages(data).glob(f"first_seen={day}/*.parquet")
        hollow(file)
    assert [dlr.open(data).ask(metric, question).rows() for metric in metrics] == right  # type: ignore[arg-type]
    assert right[0][0][0] == 24
    with pytest.raises(DamagedFile):
        dlr.open(data).delivery_rate()


@pytest.mark.thorough
def test_a_refresh_reads_only_the_messages_of_days_with_a_new_receipt(data: Path) -> None:
    refresh_cache(data)
    late = [receipt("m20", "failed", seconds=5 * DAY), receipt("new", seconds=5 * DAY)]
    receive(data, late)
    right = asked(data)
    others = [
        file
        for day in (NOON.date(), after(2 * DAY).date())
        for file in layout.messages(data).glob(f"first_seen={day}/*.parquet")
    ]
    assert len(others) == 2
    whole = {file: file.read_bytes() for file in others}
    for file in others:
        hollow(file)
    refresh_cache(data)
    for file, content in whole.items():
        file.write_bytes(content)
    assert asked(data) == right


@pytest.mark.thorough
def test_the_next_receipt_of_a_message_without_a_final_status_reads_no_old_receipt(
    data: Path,
) -> None:
    waiting = [
        receipt("waiting", status, seconds=hours * 3600)
        for status, hours in (("accepted", 13), ("buffered", 40))
    ]
    receive(data, waiting)
    refresh_cache(data)
    receive(data, [receipt("other", seconds=3 * DAY)])
    refresh_cache(data)
    before = {*layout.receipts(data).rglob("*.parquet")}
    receive(data, [receipt("waiting", seconds=4 * DAY)])
    right = asked(data)
    (found,) = (row for row in right if row["message_id"] == "waiting")
    assert (found["receipts"], found["outcome"]) == (3, "delivered")
    for file in before:
        hollow(file)
    assert asked(data) == right
    refresh_cache(data)
    assert asked(data) == right


@pytest.mark.thorough
def test_only_send_records_of_the_time_of_stale_messages_are_read(data: Path) -> None:
    """Of the cached files; all of them are read for ``sends`` only."""
    for hour in (-10, 5, 30):
        record_sends(
            data, [Send(f"m{hour}", after(hour * 3600 - 5)), Send("?", after(hour * 3600))]
        )
    refresh_cache(data)
    receive(data, [receipt("m30", "failed", seconds=3 * DAY)])
    right = asked(data)
    for file in layout.sends(data).iterdir():
        with duckdb.connect() as connection:
            found = connection.sql(f"select max(sent_at) from '{file}'").fetchall()
        if found != [(after(30 * 3600),)]:
            hollow(file)
    assert asked(data) == right


@pytest.mark.thorough
def test_all_send_records_of_stale_messages_are_found(data: Path) -> None:
    """Those of one time, which other messages may have too, of several times, and of none."""
    once, again = after(5 * 3600 - 9), after(5 * 3600 - 5)
    record_sends(data, [Send(name, once, sms_id=name) for name in ("m5", "m6", "m7")])
    record_sends(data, [Send("m5", again, source="reports"), Send("m8", once, sms_id="m8")])
    file = next(layout.sends(data).iterdir())
    with duckdb.connect() as connection:
        untimed = "cast(null as timestamp) as sent_at, 'm9' as message_id, 'm9' as sms_id"
        connection.sql(f"select distinct * replace ({untimed}) from '{file}'").write_parquet(
            str(file.with_name("untimed.parquet"))
        )
    refresh_cache(data)
    receive(data, [receipt(f"m{i}", "failed", seconds=3 * DAY) for i in (5, 6, 9)])
    found = asked(data)
    assert {row["message_id"]: row["sms_id"] for row in found if row["sms_id"]} == {
        name: name for name in ("m5", "m6", "m7", "m8", "m9")
    }
    shutil.rmtree(layout.messages(data))
    assert found == asked(data)


@pytest.mark.thorough
def test_where_a_cached_file_is_gone_messages_are_derived_from_receipts(data: Path) -> None:
    refresh_cache(data)
    right = asked(data)
    next(layout.messages(data).rglob(f"*{layout.PENDING_DURATIONS}")).unlink()
    assert asked(data) == right
    refresh_cache(data)
    assert same(data)


@pytest.mark.thorough
def test_nothing_is_derived_where_nothing_is_new(data: Path) -> None:
    """Not even a receipt is read."""
    refresh_cache(data)
    right = dlr.open(data).delivery_rate(by="day").rows()
    for file in layout.receipts(data).rglob("*.parquet"):
        before = file.stat()
        hollow(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert dlr.open(data).delivery_rate(by="day").rows() == right


def test_readers_of_whole_folders_find_the_messages_and_nothing_else(data: Path) -> None:
    """As Spark and Hive do, pyarrow skips names that begin with ``_``."""
    refresh_cache(data)
    found = dataset.dataset(layout.messages(data), format="parquet")
    assert found.count_rows() == len(plainly(data)) == 70
    beside = [file for file in layout.messages(data).rglob("*") if file.is_file()]
    names = {file.name for file in beside if file.suffix != ".parquet"}
    assert {name[0] for name in names} == {"_"}
    assert len(names) == 6


@pytest.mark.thorough
def test_a_damaged_cached_file_is_reported_with_the_remedy(data: Path) -> None:
    refresh_cache(data)
    file = next(layout.messages(data).rglob("*.parquet"))
    hollow(file)
    for own in ({}, {"where": "price > 0"}, {"by": {"code": "err_code + 1"}}):
        with pytest.raises(DamagedFile, match="dlr verify"):
            dlr.open(data).delivery_rate(**own)
    (fault,) = verify.check_file(file, data)
    assert f"remove {layout.messages(data)}" in fault
    shutil.rmtree(layout.messages(data))
    assert dlr.open(data).delivery_rate().rows()[0][0] == 70
