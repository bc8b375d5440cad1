"""The quarantine tried again: what is understood by now becomes a receipt of its first arrival."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import atomic_rename, make_folder
from dlr_analytics.store.journal import codec
from dlr_analytics.store.layout import QuarantineName
from dlr_analytics.store.locks import try_lock
from dlr_analytics.store.quarantine import DAMAGED, QuarantineEntry
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.webhook.judge import Store
from dlr_analytics.webhook.judge import replay as judge_again
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many became receipts, and how many files a running receiver holds for now."""

    understood: int
    in_use: int


def replay(data: Path, privacy: Privacy) -> Replayed:
    """Try everything in the quarantine again.

    What is understood is sealed when this returns. A crash in between, and another run, leave
    nothing twice: journals made here have their names from the quarantine file's.
    """
    understood = in_use = 0
    for name, path in quarantine.files(data):
        with try_lock(path) as ours:
            if ours:
                understood += _replay_file(data, name, path, privacy)
            else:
                in_use += 1
    seal_all(data)
    return Replayed(understood, in_use)


def _replay_file(data: Path, name: QuarantineName, path: Path, privacy: Privacy) -> int:
    successor = replace(name, replays=name.replays + 1)
    if (layout.quarantine(data) / successor.file).exists():
        path.unlink()  # an earlier run was killed just before it did so
        return 0
    receipts: dict[dt.date, list[Receipt]] = {}
    left: list[QuarantineEntry] = []
    for unread in quarantine.read(path):
        receipt = _understand(unread, privacy)
        if receipt is None:
            left.append(unread)
        else:
            receipts.setdefault(receipt.received_at.date(), []).append(receipt)
    if receipts:
        for day, some in receipts.items():
            final = layout.journal(data) / name.journal(day).file
            _put(data, final, [codec.encode(receipt) for receipt in some])
        if left:
            final = layout.quarantine(data) / successor.file
            _put(data, final, [quarantine.encode(unread) for unread in left])
        path.unlink()
    return sum(map(len, receipts.values()))


def _understand(unread: QuarantineEntry, privacy: Privacy) -> Receipt | None:
    if unread.reason == DAMAGED:
        return None
    verdict = judge_again(unread.raw, privacy, unread.arrived_at)
    return verdict.receipt if isinstance(verdict, Store) else None


def _put(data: Path, final: Path, lines: list[bytes]) -> None:
    make_folder(layout.staging(data))
    staged = layout.staging(data) / final.name
    staged.write_bytes(b"".join(lines))
    atomic_rename(staged, final)
