"""Small data directories with old and young messages in every kind of file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import make_folder
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.receipt import Receipt
from tests.support.data_directories import receive, store
from tests.support.pipelines import receipt

OLD = dt.datetime(2026, 10, 1, 12)
YOUNG = OLD + dt.timedelta(days=10)
BEFORE = dt.date(2026, 10, 8)
"""Between ``OLD`` and ``YOUNG``, more than four days back."""

STAY = Counter({f"young-{n}": 2 for n in range(6)})
"""Receipts that stay, by message."""


def one(message_id: str, at: dt.datetime, **fields: Any) -> Receipt:
    """A receipt made and received at a moment; ``fields`` win."""
    return receipt(message_id, **({"received_at": at, "message_timestamp": at} | fields))


def world(data: Path) -> Path:
    """Eight old messages: two with late receipts, one unsealed, one sent long before; six young.

    Old and young ones lie in the same files, and so do send records and quarantine lines.
    """
    make_folder(data)
    Writer(data).probe()
    late = YOUNG + dt.timedelta(hours=1)
    receive(data, [one(f"old-{n}", OLD) for n in range(6)])
    receive(data, [*(one(f"young-{n}", YOUNG) for n in range(6)), one("OLD-0", late)])
    receive(data, [one(f"Young-{n}", late) for n in range(6)] + [one("old-6", late)])
    store(data, one(" old-1 ", late + dt.timedelta(days=1)))
    old = [Send(f"old-{n}", OLD) for n in (0, 6)] + [Send("old-7", OLD)]
    record_sends(data, [*old, *(Send(f"young-{n}", YOUNG) for n in range(3))])
    writer = Writer(data)
    writer.write([Entry(None, line(OLD)), Entry(None, line(YOUNG)), Entry(None, line(OLD))])
    writer.release()
    return data


def line(at: dt.datetime, raw: str = "{}") -> bytes:
    """A line of the quarantine."""
    return quarantine.encode(QuarantineEntry(at, "no message ID", raw))


def files(data: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of change of all files but locks."""
    return {
        str(path.relative_to(data)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and path.name != "lock"
        if not any(part.startswith("dlr-spill-") for part in path.parts)
    }


def sent(data: Path) -> list[str]:
    """Message IDs of all send records."""
    names = [str(path) for path in layout.sends(data).rglob("*.parquet")]
    if not names:
        return []
    with duckdb.connect() as connection:
        rows = connection.execute("select message_id from read_parquet(?)", [names]).fetchall()
    return sorted(message_id for (message_id,) in rows)
