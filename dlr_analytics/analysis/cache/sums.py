"""Checksums of the files whose values ``dlr compact`` copies into the cache.

A new file of the cache has a sum of its own: what was damaged in the files that it is derived from
would never show again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.parquet.checksum import check_whole

Check = Callable[[Iterable[Path]], None]
"""Raises :class:`DamagedFile` for the first file of some that is damaged."""


def unchecked(files: Iterable[Path]) -> None:
    """Check nothing: what questions do.

    Examples
    --------
    >>> unchecked([Path("damaged.parquet")])
    """


def checking(data: Path) -> Check:
    """Make a check of the files of a data directory that reads each file once.

    Examples
    --------
    >>> check = checking(Path("data/sample"))
    >>> check(Path("data/sample/sends").iterdir())
    """
    sound: set[Path] = set()

    def check(files: Iterable[Path]) -> None:
        for path in sorted({*files} - sound):
            _check(path, data)
            sound.add(path)

    return check


def _check(path: Path, data: Path) -> None:
    messages = layout.messages(data)
    try:
        check_whole(path)
    except DamagedFile as error:
        if not path.is_relative_to(messages):
            raise
        remedy = f"remove {messages}, and `dlr compact` rebuilds it"
        raise DamagedFile(error.problem, remedy) from None
