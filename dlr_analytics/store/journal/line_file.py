"""An append-only file of lines: created, locked, appended to, synced.

Journals and quarantine files are written so. Only synced lines are acknowledged. After a failure
nothing more is acknowledged from the file, since the state of its pages in memory is unknown.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from pathlib import Path

from dlr_analytics.store.atomic import FILE_MODE, REAL, SystemCalls, inherit_access, write_all


class LineFile:
    """A new file, locked until it is closed.

    Parameters
    ----------
    path : path
        A name that no file ever had.
    staging : path
        A folder on the same disk. The file gets its final name once it is locked, so that an
        unlocked file of that name is certain to have no writer.
    calls : SystemCalls, optional
        The system calls to make.

    Raises
    ------
    OSError
        No file exists then.
    """

    def __init__(self, path: Path, staging: Path, calls: SystemCalls = REAL) -> None:
        self.path = staging / path.name
        self.opened_at = time.monotonic()
        self.acknowledged = 0
        self._synced = 0
        self._calls = calls
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = calls.open(self.path, flags, FILE_MODE)
        try:
            self._publish(path)
        except BaseException:
            self.abandon()
            raise

    def _publish(self, path: Path) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        inherit_access(self._descriptor, path.parent)
        self._calls.rename(self.path, path)
        self.path = path
        self._calls.sync_folder(path.parent)

    def append(self, lines: list[bytes]) -> None:
        """Write and sync ``lines``; on OSError none of them may be acknowledged.

        It is also an error if the file has been removed: its lines would be lost.
        """
        data = b"".join(lines)
        write_all(self._descriptor, data, self._calls)
        self._calls.sync(self._descriptor)
        if not os.fstat(self._descriptor).st_nlink:
            raise OSError(errno.ENOENT, "a journal was removed while it was written")
        self._synced += len(data)

    def acknowledge(self) -> None:
        """Mark everything appended so far as acknowledged."""
        self.acknowledged = self._synced

    def abandon(self) -> None:
        """Close the file after a failure, truncated to what was acknowledged.

        If even that fails, whole lines that were answered 503 may stay; Vonage sends them again.
        """
        if not self.acknowledged:
            self.discard()
            return
        with contextlib.suppress(OSError):
            self._calls.truncate(self._descriptor, self.acknowledged)
        self.close()

    def discard(self) -> None:
        """Close the file and remove it. An empty file that stays is removed by sealing."""
        with contextlib.suppress(OSError):
            self._calls.unlink(self.path)
        self.close()

    def close(self) -> None:
        """Close the file, and release its lock: from now on it can be sealed."""
        os.close(self._descriptor)
