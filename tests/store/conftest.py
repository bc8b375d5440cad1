"""A data directory, empty or filled with receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.store.journal.writer import Writer
from tests.support.journals import NOON, entry


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory as a receiver makes it, empty."""
    Writer(tmp_path / "data").probe()
    return tmp_path / "data"


@pytest.fixture
def fill(data: Path) -> Callable[..., None]:
    """Write receipts with these message IDs to journals, and release the journals."""

    def fill(*message_ids: str, received_at: dt.datetime = NOON) -> None:
        writer = Writer(data)
        writer.write([entry(message_id, received_at) for message_id in message_ids])
        writer.release()

    return fill
