"""The data directory's random name, by which clients recognise its receiver."""

from __future__ import annotations

import secrets
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import atomic_rename
from dlr_analytics.store.locks import exclusive_lock


def instance_name(data: Path) -> str:
    """Return the name of a data directory; the first call creates it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> instance_name(folder) == instance_name(folder)
    True
    """
    final = layout.instance(data)
    # Locked, so that two receivers that start at once agree. Not locked if the name exists, since
    # the folder may be read-only.
    if not _read_name(final):
        with exclusive_lock(layout.lock(data)):
            if not _read_name(final):
                staged = final.with_name(f"{final.name}.{secrets.token_hex(8)}")
                staged.write_text(secrets.token_hex(16), encoding="ascii")
                atomic_rename(staged, final)
    return _read_name(final)


def _read_name(final: Path) -> str:
    """The name, empty if there is none yet."""
    try:
        return final.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
