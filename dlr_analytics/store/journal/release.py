"""Requests to running receivers to close their files before they are due.

A receiver appends to a journal until it is old enough to be sealed, and nobody else may change it
meanwhile. Who removes messages cannot wait for that, and writes the file ``release`` into
``staging/``. Each worker looks for a new one every second, closes its journals and its
quarantine file, and seals. It appends to new files from then on.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder

RELEASE_SECONDS: Final = 15.0
"""Time for receivers to close their files and seal them; they are expected to need less than 10."""

_REPEAT_SECONDS: Final = 3.0
"""Time until the next request: a receiver that starts does not know who asked before."""

_INTERVAL: Final = 0.1


class ReleaseRequests:
    """The requests that one writer has not fulfilled yet.

    Parameters
    ----------
    data : path
        The data directory. A request that is there already is of no concern.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> requests = ReleaseRequests(folder)
    >>> with requested(folder):
    ...     requests.is_new(), requests.is_new()
    (True, False)
    """

    def __init__(self, data: Path) -> None:
        self._file = layout.release_request(data)
        self._known = self._signature()

    def is_new(self) -> bool:
        """Whether there is a request that was not there when this was last called."""
        before, self._known = self._known, self._signature()
        return self._known not in (before, None)

    def _signature(self) -> tuple[int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


@contextlib.contextmanager
def requested(data: Path, calls: SystemCalls = REAL) -> Iterator[None]:
    """Request receivers to close their files; the request ends with the block.

    Raises
    ------
    OSError
        Nothing can be written there.
    """
    request = layout.release_request(data)
    make_folder(request.parent, calls)
    staged = request.with_suffix(".new")
    staged.write_bytes(b"")
    atomic_rename(staged, request, calls)
    try:
        yield
    finally:
        request.unlink(missing_ok=True)


def wait_until_released(data: Path, held: Callable[[], list[Path]]) -> list[Path]:
    """Request receivers to close their files, until none is left that matters.

    Parameters
    ----------
    held : callable
        Processes the files that are closed, and returns those that a receiver still has open.

    Returns
    -------
    list of path
        Files that are still open after :data:`RELEASE_SECONDS`.
    """
    until = time.monotonic() + RELEASE_SECONDS
    while (files := held()) and time.monotonic() < until:
        with requested(data):
            repeat_at = time.monotonic() + _REPEAT_SECONDS
            while (files := held()) and time.monotonic() < repeat_at:
                time.sleep(_INTERVAL)
    return files
