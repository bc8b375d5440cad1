"""Replay of the quarantine: entries that parse now become receipts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import atomic_rename, make_folder
from dlr_analytics.store.journal import codec
from dlr_analytics.store.layout import QuarantineName
from dlr_analytics.store.locks import exclusive_lock, try_lock
from dlr_analytics.store.quarantine import DAMAGED, QuarantineEntry
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.shipping.files import withdraw
from dlr_analytics.webhook.content import KINDS
from dlr_analytics.webhook.judge import Store
from dlr_analytics.webhook.judge import replay as judge_again
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Replayed:
    """Numbers of receipts stored, and of files skipped since a receiver has them open."""

    receipts: int
    files_in_use: int


def replay(data: Path, privacy: Privacy) -> Replayed:
    """Parse every quarantined entry again, and store what is a receipt by now.

    The receipts are sealed when this returns. A crash and another run store nothing twice: the
    names of the journals written here derive from the quarantine file's.
    """
    receipts = files_in_use = 0
    for name, path in quarantine.files(data):
        # The lock of imports: what is written to the staging folder has none of its own.
        with exclusive_lock(layout.incoming_lock(data)), try_lock(path) as locked:
            if locked:
                receipts += _replay_file(data, name, path, privacy)
            else:
                files_in_use += 1
    seal_all(data)
    return Replayed(receipts, files_in_use)


def _replay_file(data: Path, name: QuarantineName, path: Path, privacy: Privacy) -> int:
    successor = replace(name, replays=name.replays + 1)
    if (layout.quarantine(data) / successor.file).exists():
        withdraw(data, [path])
        path.unlink()  # an earlier run was killed just before this step
        return 0
    receipts: dict[dt.date, list[Receipt]] = {}
    remaining: list[QuarantineEntry] = []
    renamed = False
    for entry in quarantine.read(path):
        match _parse(entry, privacy):
            case Receipt() as receipt:
                receipts.setdefault(receipt.received_at.date(), []).append(receipt)
            case QuarantineEntry() as same:
                remaining.append(same)
                renamed |= same.reason != entry.reason
    if receipts or renamed:
        for day, of_day in receipts.items():
            final = layout.journal(data) / name.journal(day).file
            _write(data, final, [codec.encode(receipt) for receipt in of_day])
        if remaining:
            final = layout.quarantine(data) / successor.file
            _write(data, final, [quarantine.encode(entry) for entry in remaining])
        withdraw(data, [path])
        path.unlink()
    return sum(map(len, receipts.values()))


def _parse(entry: QuarantineEntry, privacy: Privacy) -> Receipt | QuarantineEntry:
    """The receipt; else the entry, its reason replaced by its kind if that is known."""
    if entry.reason == DAMAGED:
        return entry
    verdict = judge_again(entry.raw, privacy, entry.arrived_at)
    if isinstance(verdict, Store):
        return verdict.receipt
    return replace(entry, reason=verdict.reason) if verdict.reason in KINDS else entry


def _write(data: Path, final: Path, lines: list[bytes]) -> None:
    make_folder(layout.staging(data))
    staged = layout.staging(data) / final.name
    staged.write_bytes(b"".join(lines))
    atomic_rename(staged, final)
