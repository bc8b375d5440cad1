"""What lies under ``messages/``: whole for whoever reads it, read only where it is asked about."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import dlr_analytics as dlr
from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout, verify
from dlr_analytics.store.sends import Send, record_sends
from tests.support.cache import cache_state, refresh_cache
from tests.support.contract import MESSAGE_COLUMNS
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, after, receipt

ASKED_FOR = {"outcome", "expected"}
"""What depends on the moment of asking is not kept."""

DAY = 86_400


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Messages of three days: each hour one."""
    folder = tmp_path / "data"
    receive(folder, [receipt(f"m{hour}", seconds=hour * 3600) for hour in range(-11, 59)])
    return folder


def plainly(data: Path) -> list[dict[str, Any]]:
    """The rows that anybody finds who reads all Parquet files under ``messages/``."""
    with duckdb.connect() as connection:
        found = connection.sql(f"from '{layout.messages(data)}/**/*.parquet' order by message_id")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def asked(data: Path) -> list[dict[str, Any]]:
    """The rows of ``messages``."""
    found = dlr.open(data).messages.order("message_id")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def same(data: Path) -> bool:
    """Whether what is kept are the rows of ``messages``, but for what is asked for."""
    columns = [name for name in MESSAGE_COLUMNS if name not in ASKED_FOR]
    kept = [{name: row[name] for name in columns} for row in plainly(data)]
    return kept == [{name: row[name] for name in columns} for row in asked(data)]


def test_what_is_kept_has_the_contracts_columns_and_a_row_a_message(data: Path) -> None:
    assert refresh_cache(data) == 3
    assert same(data)


def test_a_send_log_that_comes_later_counts_at_once_and_is_kept_next(data: Path) -> None:
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


def test_an_offset_that_is_learned_later_counts_at_once_and_is_kept_next(data: Path) -> None:
    """One receipt of a network tells no offset; a hundred more on later days do."""
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


def test_a_send_without_a_receipt_joins_the_day_that_it_is_of(data: Path) -> None:
    """What is known of that day's messages as a whole holds for the new one and the old ones."""
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
    """Leave of a Parquet file what says which values lie where, and none of the values."""
    whole = file.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    file.write_bytes(whole[:4] + bytes(len(whole) - 4 - footer) + whole[-footer:])


def test_a_question_about_one_day_reads_the_values_of_no_other_old_day(data: Path) -> None:
    """What was sent in the last 72 hours may be pending, and is looked at."""
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


def test_where_a_kept_file_is_gone_messages_are_put_together_from_receipts(data: Path) -> None:
    refresh_cache(data)
    right = asked(data)
    next(layout.messages(data).rglob("*.lasted")).unlink()
    assert asked(data) == right
    refresh_cache(data)
    assert same(data)


def test_nothing_is_put_together_where_nothing_is_new(data: Path) -> None:
    """Not even a receipt is read."""
    refresh_cache(data)
    right = dlr.open(data).delivery_rate(by="day").rows()
    for file in layout.receipts(data).rglob("*.parquet"):
        before = file.stat()
        hollow(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert dlr.open(data).delivery_rate(by="day").rows() == right


def test_a_damaged_kept_file_is_named_with_what_to_do(data: Path) -> None:
    refresh_cache(data)
    file = next(layout.messages(data).rglob("*.parquet"))
    hollow(file)
    with pytest.raises(DamagedFile, match="dlr verify"):
        dlr.open(data).delivery_rate()
    (fault,) = verify.check_file(file, data)
    assert f"remove {layout.messages(data)}" in fault
    shutil.rmtree(layout.messages(data))
    assert dlr.open(data).delivery_rate().rows()[0][0] == 70
