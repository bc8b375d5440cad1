"""A snapshot: what a data directory holds at one moment, as relations."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlr_analytics.analysis.cache import snapshot as snapshot_module
from dlr_analytics.analysis.cache.snapshot import Snapshot, take
from dlr_analytics.errors import DamagedFile, DataFolderMissing, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.receipt import Receipt
from tests.support.data_directories import store
from tests.support.pipelines import NOON, after, receipt

SIMPLE = (
    "{'message_id': '0F', 'status': 'delivered', 'received_at': timestamp '2026-11-03 13:00:00'}"
)
"""A receipt as somebody else might write it: three columns, no more."""


def rows(snapshot: Snapshot, statement: str) -> list[Any]:
    with snapshot.connection.cursor() as cursor:
        return cursor.execute(statement).fetchall()


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing):
        take(Settings(data=tmp_path / "none"))


def test_an_empty_folder_has_every_relation_and_no_rows(tmp_path: Path) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    snapshot = take(Settings(data=tmp_path))
    for name in ("receipts", "sends", "messages", "pipeline.nowcast"):
        assert rows(snapshot, f"from {name}") == []
    assert before <= snapshot.as_of <= dt.datetime.now(dt.UTC).replace(tzinfo=None)


def test_as_of_is_the_newest_arrival_or_what_was_asked_for(tmp_path: Path) -> None:
    store(tmp_path, receipt("0A"), receipt("0B", seconds=60))
    assert take(Settings(data=tmp_path)).as_of == after(60)
    asked = take(Settings(data=tmp_path), after(59))
    assert asked.as_of == after(59)
    assert rows(asked, "select message_id from messages") == [("0A",)]
    assert rows(asked, "select count(*) from receipts") == [(2,)]


@pytest.mark.parametrize("beside", [True, False])
def test_a_receipt_ahead_of_the_clock_does_not_move_as_of(tmp_path: Path, beside: bool) -> None:
    if beside:
        store(tmp_path, receipt("0A"))
    folder = layout.receipts(tmp_path) / "received_date=2099-01-01"
    folder.mkdir(parents=True)
    planted = SIMPLE.replace("2026-11-03", "2099-01-01")
    duckdb.sql(f"copy (select unnest({planted})) to '{folder}/theirs.parquet'")
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    snapshot = take(Settings(data=tmp_path))
    assert snapshot.as_of == after(0) if beside else before <= snapshot.as_of
    assert snapshot.as_of <= dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert rows(snapshot, "select count(*) from receipts") == [(1 + beside,)]


def test_as_of_is_never_later_than_now(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    ahead = int((now - NOON).total_seconds()) + 3600
    store(tmp_path, receipt("0A", seconds=ahead))
    assert now <= take(Settings(data=tmp_path)).as_of < now + dt.timedelta(minutes=10)


def test_a_torn_last_line_is_no_receipt(tmp_path: Path) -> None:
    store(tmp_path, receipt("0A"))
    (journal,) = layout.journal(tmp_path).iterdir()
    with journal.open("ab") as file:
        file.write(encode(receipt("0B"))[:-5])
    assert rows(take(Settings(data=tmp_path)), "select message_id from messages") == [("0A",)]


def test_any_parquet_counts_beside_the_unsealed_whatever_columns_it_has(tmp_path: Path) -> None:
    store(tmp_path, receipt("0A"))
    folder = layout.receipts(tmp_path) / "received_date=2026-11-03"
    folder.mkdir(parents=True)
    duckdb.sql(f"copy (select unnest({SIMPLE})) to '{folder}/theirs.parquet'")
    told = rows(
        take(Settings(data=tmp_path)),
        "select message_id, outcome, price, problems from messages order by message_id",
    )
    assert [row[:2] for row in told] == [("0A", "delivered"), ("0F", "delivered")]
    assert told[1][2:] == (None, [])


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    folder = layout.receipts(tmp_path) / "received_date=2026-11-03"
    folder.mkdir(parents=True)
    (folder / "half.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DamagedFile, match=r"half\.parquet"):
        take(Settings(data=tmp_path))


def test_a_file_with_another_type_of_values_is_one_clear_error(tmp_path: Path) -> None:
    folder = layout.receipts(tmp_path) / "received_date=2026-11-03"
    folder.mkdir(parents=True)
    duckdb.sql(
        f"copy (select 'soon' as received_at, '0A' as message_id) to '{folder}/theirs.parquet'"
    )
    with pytest.raises(DamagedFile, match="`dlr verify` names it"):
        take(Settings(data=tmp_path))


@pytest.mark.parametrize("moment", ["'infinity'", "'-infinity'", "'20000-01-01'", "'0001-01-02'"])
def test_a_receipt_beyond_all_times_is_one_clear_error(tmp_path: Path, moment: str) -> None:
    folder = layout.receipts(tmp_path) / "received_date=2026-11-03"
    folder.mkdir(parents=True)
    duckdb.sql(
        f"copy (select {moment}::timestamp as received_at, '0A' as message_id)"
        f" to '{folder}/theirs.parquet'"
    )
    with pytest.raises(DamagedFile, match="`dlr verify` names its file"):
        take(Settings(data=tmp_path))


def test_as_of_the_first_days_of_all_nothing_is_known_yet(tmp_path: Path) -> None:
    store(tmp_path, receipt("0A"))
    told = take(Settings(data=tmp_path), dt.datetime(1, 1, 1))
    assert rows(told, "select * from messages") == []


def test_too_little_memory_is_said_so(tmp_path: Path) -> None:
    store(tmp_path, receipt("0A"))
    with pytest.raises(UsageError, match="more memory than it may; give more"):
        take(Settings(data=tmp_path, memory=2**20))


def test_send_records_and_settings_reach_the_messages(tmp_path: Path) -> None:
    store(tmp_path, *_with_times())
    record_sends(tmp_path, [Send("0A", after(-7))])
    settings = Settings(
        data=tmp_path, currency="CHF", client_ref_time=re.compile(r"@(?P<iso>\S+)$")
    )
    told = rows(
        take(settings),
        "select message_id, sent_at, sent_at_source, currency from messages order by message_id",
    )
    assert told == [
        ("0A", after(-7), "sends", "CHF"),
        ("0B", after(-5), "client_ref", "CHF"),
    ]


def _with_times() -> list[Receipt]:
    written = f"order 7@{after(-5, hours=1).isoformat()}+01:00"
    return [receipt("0A", client_ref=written), receipt("0B", client_ref=written)]


def test_a_connection_never_reaches_for_the_network(tmp_path: Path) -> None:
    snapshot = take(Settings(data=tmp_path), NOON)
    with pytest.raises(duckdb.Error):
        rows(snapshot, "load httpfs")
    assert rows(
        snapshot,
        "select name, value from duckdb_settings() where name in "
        "('autoinstall_known_extensions', 'autoload_known_extensions') order by name",
    ) == [
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
    ]


def test_where_nothing_is_cached_no_code_of_the_cache_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, receipt("0A"))
    monkeypatch.setattr(snapshot_module, "Inventory", None)
    monkeypatch.setattr(snapshot_module, "create_sends", None)
    assert rows(take(Settings(data=tmp_path)), "select message_id from messages") == [("0A",)]
