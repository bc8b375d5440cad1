"""Unsealed receipts of all writers are counted once, reading only what has grown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.journal.unsealed import Unsealed, UnsealedCounter
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts.seal import seal_all
from tests.support.journals import NOON, entry


def test_nothing_is_unsealed_in_an_empty_folder(tmp_path: Path) -> None:
    assert UnsealedCounter(tmp_path).count() == Unsealed()


def test_receipts_bytes_and_the_oldest_of_all_writers(
    data: Path, fill: Callable[..., None]
) -> None:
    journals = UnsealedCounter(data)
    fill("1", "2", received_at=NOON)
    writer = Writer(data)
    writer.write([entry("3", NOON + dt.timedelta(minutes=5))])
    size = 2 * len(entry("1").line) + len(entry("3", NOON + dt.timedelta(minutes=5)).line)
    assert journals.count() == Unsealed(3, size, NOON)
    writer.write([entry("4", NOON + dt.timedelta(minutes=6))])
    assert journals.count().receipts == 4
    seal_all(data)
    assert journals.count().receipts == 2, "the writer that lives keeps its own"
    assert journals.count().oldest == NOON + dt.timedelta(minutes=5)


def test_a_truncated_journal_is_counted_again(data: Path, fill: Callable[..., None]) -> None:
    journals = UnsealedCounter(data)
    fill("1", "2", "3")
    assert journals.count().receipts == 3
    (path,) = layout.journal(data).iterdir()
    path.write_bytes(entry("1").line)
    assert journals.count() == Unsealed(1, len(entry("1").line), NOON)


def test_a_damaged_time_of_arrival_leaves_the_counts(data: Path, fill: Callable[..., None]) -> None:
    fill("1", "2")
    (path,) = layout.journal(data).iterdir()
    whole = path.read_bytes()
    for damage in (b"2O26", b"\xff026"):
        path.write_bytes(whole.replace(b'"received_at":"2026', b'"received_at":"' + damage, 1))
        assert UnsealedCounter(data).count() == Unsealed(2, len(whole))


def test_a_foreign_file_is_no_journal(data: Path) -> None:
    (layout.journal(data) / "notes.txt").write_text("one\ntwo\n")
    assert UnsealedCounter(data).count() == Unsealed()
