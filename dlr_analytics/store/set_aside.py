"""Lines of an import that are no receipts, on their way to the quarantine.

They are collected in a temporary file without a name, so that a file of any size needs little
memory, and moved to the quarantine once its receipts are stored. An entry is known if an equal one
is in the quarantine, as many times as the import has it: importing a file twice changes nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import atomic_rename
from dlr_analytics.store.layout import QuarantineName
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.receipts.staging import spool, staging_folder

_IN_MEMORY: Final = 2**20
"""Bytes of entries that are kept in memory."""


class SetAside:
    """A collection of entries; a context manager that drops what was not published."""

    def __init__(self) -> None:
        self._lines = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._empty = True

    def __enter__(self) -> Self:
        """Return the collection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop the entries."""
        self._lines.close()

    def add(self, entry: QuarantineEntry) -> None:
        """Add an entry."""
        self._lines.write(quarantine.encode(entry))
        self._empty = False

    def publish(self, data: Path) -> int:
        """Move the new entries to a data directory's quarantine, as far as it has room.

        Returns
        -------
        int
            How many had no room: the quarantine holds :data:`~.quarantine.LIMIT` bytes.

        Raises
        ------
        StoreError
            Nothing is moved.
        """
        if self._empty:
            return 0
        with staging_folder(data) as folder:
            room = quarantine.LIMIT - quarantine.size(data)
            new, dropped = folder / "entries.jsonl", [0]
            if spool(self._new_lines(data, room, dropped), new):
                final = QuarantineName(secrets.token_hex(8), 1).file
                atomic_rename(new, layout.quarantine(data) / final)
        return dropped[0]

    def _new_lines(self, data: Path, room: int, dropped: list[int]) -> Iterator[bytes]:
        known = Counter(map(_digest, quarantine.entries(data)))
        self._lines.seek(0)
        for line in self._lines:
            digest = _digest(quarantine.decode(line))
            if known[digest]:
                known[digest] -= 1
            elif len(line) > room:
                dropped[0] += 1
            else:
                room -= len(line)
                yield line


def _digest(entry: QuarantineEntry) -> bytes:
    """What makes two entries equal: the time of arrival may be that of the import."""
    text = f"{entry.reason}\0{entry.raw}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()[:16]
