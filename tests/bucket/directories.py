"""Receivers' and keepers' data directories in front of a store in memory."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.seal import seal_all
from tests.support.journals import NOON, entry

DAY = NOON.date()
FOLDER = f"receipts/{layout.day_folder(DAY)}"


def receive(data: Path, *names: str, at: dt.datetime = NOON) -> str:
    """Receive and seal receipts; the name of the sealed file."""
    before = contents(data)
    writer = Writer(data)
    writer.write([entry(name, at) for name in names])
    writer.release()
    assert seal_all(data) == []
    (name,) = contents(data).keys() - before.keys()
    return name


def merge(data: Path, day: dt.date = DAY) -> str:
    """Compact a day; the name of its only file."""
    compact_day(data, day)
    (path,) = (layout.receipts(data) / layout.day_folder(day)).glob("*.parquet")
    return path.relative_to(data).as_posix()


def contents(data: Path, *folders: str) -> dict[str, str]:
    """Digests of the files below some folders, by default those that a bucket gets."""
    return {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders or ("receipts", "sends", "quarantine")
        for path in sorted((data / folder).rglob("*"))
        if path.is_file()
    }
