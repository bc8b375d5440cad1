"""Data directories made of literal receipts."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from dlr_analytics.analysis.database import Database
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.webhook.receipt import Receipt

_numbers = itertools.count(1)


def store(data: Path, *receipts: Receipt) -> None:
    """Put receipts into journals, as a receiver does before it seals."""
    layout.journal(data).mkdir(parents=True, exist_ok=True)
    for receipt in receipts:
        name = JournalName(receipt.received_at.date(), "testtest", next(_numbers))
        (layout.journal(data) / name.file).write_bytes(encode(receipt))


def receive(data: Path, receipts: Iterable[Receipt], *, seal: bool = True) -> None:
    """Write one journal for each received day, as a receiver does, and seal them by default."""
    days: dict[dt.date, list[Receipt]] = defaultdict(list)
    for each in receipts:
        days[each.received_at.date()].append(each)
    layout.journal(data).mkdir(parents=True, exist_ok=True)
    for day, received in days.items():
        name = JournalName(day, "testtest", next(_numbers))
        (layout.journal(data) / name.file).write_bytes(b"".join(map(encode, received)))
    assert not seal or seal_all(data) == []


def database(data: Path, *receipts: Receipt, **settings: object) -> Database:
    """A database over these receipts."""
    store(data, *receipts)
    return Database(Settings(data=data, **settings), PRESENTER)  # type: ignore[arg-type]
