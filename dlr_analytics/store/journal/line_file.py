"""A file of lines that only grows: created, locked, appended to, synced.

Journals and the quarantine are written so. What was acknowledged is what was synced; after a
failure nothing more is acknowledged from the file, since nobody can say what became of its pages.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from pathlib import Path

from dlr_analytics.store.atomic import FILE_MODE, REAL, SystemCalls, write_all


class LineFile:
    """A new file, ours alone until it is closed.

    Parameters
    ----------
    path : path
        A name that no file ever had.
    aside : path
        A folder on the same disk. The file gets its name once it is locked, so that whoever finds
        it by that name without a lock knows that its writer has let go of it.
    calls : Calls, optional
        The system calls to make.

    Raises
    ------
    OSError
        There is then no such file.
    """

    def __init__(self, path: Path, aside: Path, calls: SystemCalls = REAL) -> None:
        self.path = aside / path.name
        self.opened_at = time.monotonic()
        self.acknowledged = 0
        self._synced = 0
        self._calls = calls
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = calls.open(self.path, flags, FILE_MODE)
        try:
            self._get_name(path)
        except BaseException:
            self.abandon()
            raise

    def _get_name(self, path: Path) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._calls.rename(self.path, path)
        self.path = path
        self._calls.sync_folder(path.parent)

    def append(self, lines: list[bytes]) -> None:
        """Write ``lines`` and have them on disk; OSError means that none of them may count.

        What is written to a file that somebody has removed nobody would find.
        """
        data = b"".join(lines)
        write_all(self._descriptor, data, self._calls)
        self._calls.sync(self._descriptor)
        if not os.fstat(self._descriptor).st_nlink:
            raise OSError(errno.ENOENT, "a journal was removed while it was written")
        self._synced += len(data)

    def acknowledge(self) -> None:
        """From now on all that was appended counts."""
        self.acknowledged = self._synced

    def abandon(self) -> None:
        """Let go of the file after a failure, leaving in it what was acknowledged and no more.

        Where even that fails, whole lines that were answered 503 may stay: they come again.
        """
        if not self.acknowledged:
            self.discard()
            return
        with contextlib.suppress(OSError):
            self._calls.truncate(self._descriptor, self.acknowledged)
        self.close()

    def discard(self) -> None:
        """Let go of the file and remove it. An empty file that stays is removed by who seals."""
        with contextlib.suppress(OSError):
            self._calls.unlink(self.path)
        self.close()

    def close(self) -> None:
        """Let go of the file: from now on anybody may seal it."""
        os.close(self._descriptor)
