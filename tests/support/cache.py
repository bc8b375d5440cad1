"""The message cache of a data directory: refresh it, and read its state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlr_analytics.analysis.cache import manifest, refresh, snapshot
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.analysis.messages.parameters import KEY
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days
from tests.support.pipelines import NOON

EVER = NOON.date() + dt.timedelta(days=1000)
"""A day later than all that tests receive."""


def refresh_cache(data: Path, today: dt.date = EVER, *, open_day: bool = False) -> int:
    """Cache the messages of days before ``today``; return how many received days went in.

    With ``open_day`` those of today's sealed files too, as they are.
    """
    settings = Settings(data=data)
    days = closed_days(data, today + dt.timedelta(days=1) if open_day else today)
    batches = refresh.plan_batches(settings, days)
    done = list(refresh.cache_batches(settings, batches))
    assert [each.finding for each in done if each.finding] == []
    return sum(len(each.days) for each in done)


def cache_state(data: Path) -> manifest.Manifest:
    """The manifest of the cached messages."""
    return manifest.read(layout.messages(data), fingerprint(Settings(data=data)))


def snapshot_rows(data: Path, as_of: dt.datetime | None = None) -> list[tuple[Any, ...]]:
    """The rows of ``messages``, and of what else depends on all receipts."""
    with snapshot.take(Settings(data=data), as_of).connection as connection:
        connection.execute("set search_path = 'main,pipeline'")
        rows = connection.sql("from messages order by all").fetchall()
        offsets = connection.sql("from scts_offsets order by all").fetchall()
        with_flaws = "select message_id, flaws, receipt_flaws from message_outcomes order by all"
        flaws = connection.sql(with_flaws).fetchall()
        curve = connection.sql("from pending_durations order by all").fetchall()
        whole = connection.sql("from message_totals order by channel").fetchall()
        counted = (
            "select channel, count(*), min(message_time), max(message_time) from messages"
            " group by channel order by channel"
        )
        assert whole == connection.sql(counted).fetchall()
        return rows + offsets + flaws + curve


def rows_from_receipts(data: Path, as_of: dt.datetime | None = None) -> list[tuple[Any, ...]]:
    """The same from receipts alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "read", lambda *_: manifest.Manifest())
        return snapshot_rows(data, as_of)


def cached_rows(data: Path) -> list[dict[str, Any]]:
    """The rows of all files under ``messages/``, each message once."""
    files = [str(path) for path in layout.messages(data).rglob("*.parquet")]
    if not files:
        return []
    with duckdb.connect() as connection:
        found = connection.execute("from read_parquet($1) order by message_key", [files])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert len({row["message_key"] for row in rows}) == len(rows)
    return rows


def open_receipts(data: Path) -> tuple[list[Any], list[Any]]:
    """The cached receipts of messages without a final status, and those that these have.

    Right after a refresh: the files that are cached have the names of the manifest.
    """
    cached = [str(path) for path in layout.messages(data).rglob(f"*{layout.OPEN_RECEIPTS}")]
    files = [
        str(data / name) for day in cache_state(data).received.values() for name, *_ in day.files
    ]
    keys = [row["message_key"] for row in cached_rows(data) if not row["final"]]
    if not files:
        return [], []
    columns = "message_id, status, received_at, err_code, price, raw"
    with duckdb.connect() as connection:
        read = f"select {columns} from read_parquet($1, union_by_name = true)"
        found = connection.execute(f"{read} order by all", [cached]).fetchall() if cached else []
        wanted = f"{read} where list_contains($2, {KEY}) order by all"
        return found, connection.execute(wanted, [files, keys]).fetchall()
