"""What an import finds that is no receipt goes to the quarantine, once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dlr_analytics.store import quarantine
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.set_aside import SetAside
from tests.support.journals import NOON

ONE = QuarantineEntry(NOON, "an inbound message", '{"query": "messageId=0B&text=A"}')
OTHER = QuarantineEntry(NOON, "an inbound message", '{"query": "messageId=0C&text=A"}')
LATER = QuarantineEntry(NOON + dt.timedelta(days=9), ONE.reason, ONE.raw)


def publish(data: Path, *entries: QuarantineEntry) -> int:
    with SetAside() as aside:
        for entry in entries:
            aside.add(entry)
        return aside.publish(data)


def quarantined(data: Path) -> list[QuarantineEntry]:
    return sorted(quarantine.entries(data), key=lambda entry: (entry.raw, entry.arrived_at))


def test_an_entry_is_stored_as_often_as_an_import_has_it(data: Path) -> None:
    publish(data, ONE, ONE, OTHER)
    assert quarantined(data) == [ONE, ONE, OTHER]
    publish(data, LATER, OTHER)
    assert quarantined(data) == [ONE, ONE, OTHER]
    publish(data, ONE, ONE, LATER)
    assert quarantined(data) == [ONE, ONE, LATER, OTHER]


def test_an_import_without_any_adds_no_file(data: Path) -> None:
    publish(data)
    assert quarantine.files(data) == []


def test_what_has_no_room_in_the_quarantine_is_counted(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "LIMIT", 2 * len(quarantine.encode(ONE)) + 5)
    assert publish(data, ONE, OTHER, ONE) == 1
    assert len(quarantined(data)) == 2
    assert publish(data, ONE, OTHER) == 0
    assert publish(data, LATER, LATER, OTHER) == 1
