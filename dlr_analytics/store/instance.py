"""The data directory's random name, by which clients recognise its receiver."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import atomic_rename
from dlr_analytics.store.locks import exclusive_lock

_SENDABLE: Final = re.compile(rb"[!-~]+")


def instance_name(data: Path) -> str:
    """Return the name of a data directory; the first call creates it.

    Raises
    ------
    DamagedFile
        As :func:`stored_name`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> instance_name(folder) == instance_name(folder)
    True
    """
    # Locked, so that two receivers that start at once agree. Not locked if the name exists, since
    # the folder may be read-only.
    if not stored_name(data):
        with exclusive_lock(layout.lock(data)):
            if not stored_name(data):
                final = layout.instance(data)
                staged = final.with_name(f"{final.name}.{secrets.token_hex(8)}")
                staged.write_text(secrets.token_hex(16), encoding="ascii")
                atomic_rename(staged, final)
    return stored_name(data)


def stored_name(data: Path) -> str:
    """The name of a data directory; empty if it has none yet.

    Raises
    ------
    DamagedFile
        The file holds something that cannot be sent as a header.
    """
    path = layout.instance(data)
    try:
        name = path.read_bytes().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if name and not _SENDABLE.fullmatch(name):
        raise DamagedFile(
            f"{path}: not one word of ASCII characters", "remove it: dlr receive makes another"
        )
    return name.decode("ascii")
