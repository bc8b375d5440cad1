"""Requests that cannot be parsed are stored raw, and parsed again on request."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import DAMAGED, QuarantineEntry
from dlr_analytics.store.receipts.read import open_receipts, select_receipts
from dlr_analytics.store.replay import Replayed, replay
from dlr_analytics.webhook.judge import Quarantine, Request, Rules, judge
from dlr_analytics.webhook.privacy import Privacy
from tests.support.journals import NOON
from tests.support.receivers import PATH, stored

BROKEN = QuarantineEntry(NOON, "not JSON", '{"body": "{\\"messageId\\":"}')
UNDERSTOOD = QuarantineEntry(
    NOON, "not yet understood", '{"query": "messageId=0A00&status=delivered"}'
)


def quarantine_entries(data: Path, *entries: QuarantineEntry) -> Writer:
    writer = Writer(data)
    writer.write([Entry(None, quarantine.encode(one)) for one in entries])
    return writer


def quarantined(data: Path) -> list[QuarantineEntry]:
    return list(quarantine.entries(data))


def test_raw_reason_and_first_arrival_survive_a_round_trip(data: Path) -> None:
    entry = QuarantineEntry(
        dt.datetime(2026, 11, 24, 8, 0, 0, 5), "no message ID", "{}\u2028\n\ud800"
    )
    quarantine_entries(data, entry)
    assert quarantined(data) == [
        QuarantineEntry(entry.arrived_at, entry.reason, "{}\u2028\n\ufffd")
    ]


def test_a_torn_last_line_was_never_acknowledged_and_is_left_out(data: Path) -> None:
    quarantine_entries(data, BROKEN, UNDERSTOOD)
    (path,) = layout.quarantine(data).iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert quarantined(data) == [BROKEN]


def test_a_damaged_line_is_reported_as_damaged(data: Path) -> None:
    quarantine_entries(data, BROKEN)
    (path,) = layout.quarantine(data).iterdir()
    path.write_bytes(b"damaged\n" + path.read_bytes())
    assert [entry.reason for entry in quarantined(data)] == [DAMAGED, BROKEN.reason]


def test_foreign_files_are_no_entries(data: Path) -> None:
    (layout.quarantine(data) / "notes.txt").write_text("not ours\n")
    assert quarantined(data) == []


def test_what_is_understood_by_now_is_a_receipt_of_its_first_arrival(
    data: Path, tmp_path: Path
) -> None:
    quarantine_entries(data, BROKEN, UNDERSTOOD).release()
    assert replay(data, Privacy()) == Replayed(receipts=1, files_in_use=0)
    assert quarantined(data) == [BROKEN]
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select message_id, received_at"
            f" from ({select_receipts(open_receipts(data, tmp_path))})"
        ).fetchall()
    assert rows == [("0A00", NOON)]
    assert list(layout.journal(data).iterdir()) == []


def test_trying_again_what_is_not_understood_changes_nothing(data: Path) -> None:
    quarantine_entries(data, BROKEN).release()
    before = list(layout.quarantine(data).iterdir())
    assert replay(data, Privacy()) == Replayed(receipts=0, files_in_use=0)
    assert list(layout.quarantine(data).iterdir()) == before


def test_a_file_that_a_receiver_writes_to_is_left_to_it(data: Path) -> None:
    writer = quarantine_entries(data, UNDERSTOOD)
    assert replay(data, Privacy()) == Replayed(receipts=0, files_in_use=1)
    writer.release()
    assert replay(data, Privacy()) == Replayed(receipts=1, files_in_use=0)


def test_damaged_lines_survive_a_replay(data: Path) -> None:
    quarantine_entries(data, UNDERSTOOD).release()
    (path,) = layout.quarantine(data).iterdir()
    path.write_bytes(b"damaged\n" + path.read_bytes())
    replay(data, Privacy())
    replay(data, Privacy())
    assert [entry.reason for entry in quarantined(data)] == [DAMAGED]


@pytest.mark.parametrize("left", [(), (BROKEN,)])
def test_a_replay_that_was_killed_before_it_removed_the_file_leaves_nothing_twice(
    data: Path, tmp_path: Path, left: tuple[QuarantineEntry, ...]
) -> None:
    quarantine_entries(data, UNDERSTOOD, *left).release()
    (path,) = layout.quarantine(data).iterdir()
    shutil.copy(path, tmp_path / "again")
    replay(data, Privacy())
    shutil.copy(tmp_path / "again", path)
    replay(data, Privacy())
    assert stored(data) == {"0A00": 1}
    assert quarantined(data) == list(left)


def test_what_is_left_can_be_tried_again_and_again(data: Path) -> None:
    second = QuarantineEntry(
        NOON, "not yet understood", '{"query": "messageId=0A01&status=delivered"}'
    )
    quarantine_entries(data, UNDERSTOOD, BROKEN).release()
    replay(data, Privacy())
    (path,) = layout.quarantine(data).iterdir()
    path.write_bytes(quarantine.encode(second))  # as if a later version understood it
    replay(data, Privacy())
    assert stored(data) == {"0A00": 1, "0A01": 1}
    assert quarantined(data) == []


def test_whatever_the_judge_quarantines_can_be_listed_and_tried_again(data: Path) -> None:
    bodies = [b'{"messageId":', b"\xff\xfe\x00", b'["list"]', b'{"a": 1}', b"x=\xe9", b"{\x00}"]
    verdicts = [
        judge(Request("POST", PATH, b"", {}, body, "192.0.2.1"), Rules(), NOON) for body in bodies
    ]
    entry = [QuarantineEntry(NOON, v.reason, v.raw) for v in verdicts if isinstance(v, Quarantine)]
    assert len(entry) == len(bodies)
    quarantine_entries(data, *entry).release()
    assert replay(data, Privacy()) == Replayed(receipts=0, files_in_use=0)
    assert quarantined(data) == entry
